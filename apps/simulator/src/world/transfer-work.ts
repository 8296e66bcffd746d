import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { touched } from './disk-work.js';
import type { Transfer } from './transfer.js';
import type { Volume } from './volume.js';

const authKeyBytes = 8;

/** Offers a disk of the caller's project to whoever will have the key. */
export const offerDisk = (cloud: Cloud, call: Call, volumeId: string, name: string): Transfer | Refusal => {
  const { world } = cloud;
  const { projectId, nowMs } = call;
  const volume = world.volume(volumeId);
  if (volume?.projectId !== projectId) return refuse('EVS.5404', 'no such disk');
  const refusal = checkDisk(cloud, volume);
  if (refusal) return refusal;
  const authKey = randomBytes(authKeyBytes).toString('hex');
  const { createdMicros } = world.nextBirth(nowMs);
  const transfer = { id: randomUUID(), projectId, volumeId, name, authKey, createdMicros };
  const offered = touched<Volume>({ ...volume, status: 'awaiting-transfer' }, nowMs);
  world.commit({ kind: 'transfer', transfer, volume: offered });
  return transfer;
};

/** EVS reference §1.9. */
const checkDisk = ({ world }: Cloud, { id, projectId, status, metadata, bootable }: Volume): Refusal | null => {
  if (status !== 'available') return refuse('EVS.5400', `the disk is ${status}`);
  if (metadata['__system__encrypted'] === '1') return refuse('EVS.5400', 'the disk is encrypted');
  if (bootable) return refuse('EVS.5400', 'the disk is a system disk');
  const snapshots = world.projects.get(projectId)?.snapshotsOf(id) ?? [];
  return snapshots.length > 0 ? refuse('EVS.5400', 'the disk has snapshots') : null;
};

/** Brings the disk into the caller's project, with its id; what it holds of the quota goes over with it. */
export const acceptDisk = (cloud: Cloud, call: Call, authKey: string): Transfer | Refusal => {
  const { world } = cloud;
  const transfer = world.transfers.get(call.params['transferId'] ?? '');
  if (!transfer) return refuse('EVS.5404', 'no such transfer');
  if (!isKey(authKey, transfer)) return refuse('EVS.5400', 'the auth_key is not that of the transfer');
  const volume = world.volume(transfer.volumeId);
  if (volume?.status !== 'awaiting-transfer') return refuse('EVS.5400', 'the disk does not await a transfer');
  const refusal = checkRoom(cloud, call, volume);
  if (refusal) return refusal;
  const moved: Volume = { ...volume, projectId: call.projectId, status: 'available' };
  world.commit({ kind: 'transfer-ended', transferId: transfer.id, volume: touched(moved, call.nowMs) });
  return transfer;
};

const isKey = (given: string, { authKey }: Transfer): boolean => {
  const [asked, known] = [Buffer.from(given), Buffer.from(authKey)];
  return asked.length === known.length && timingSafeEqual(asked, known);
};

const checkRoom = ({ world }: Cloud, { projectId }: Call, { size, volumeType }: Volume): Refusal | null => {
  const exceeded = world.projects.get(projectId)?.ledger.exceededBy({ volumes: 1, gigabytes: size }, volumeType);
  return exceeded ? refuse('EVS.5413', exceeded) : null;
};

/** The disk is the giver's again, as it was before. */
export const takeBack = (cloud: Cloud, call: Call): Transfer | Refusal => {
  const { world } = cloud;
  const transfer = findTransfer(cloud, call);
  if (isRefusal(transfer)) return transfer;
  const volume = world.volume(transfer.volumeId);
  if (!volume) return refuse('EVS.5404', 'no such disk');
  const back: Volume = volume.status === 'awaiting-transfer' ? { ...volume, status: 'available' } : volume;
  world.commit({ kind: 'transfer-ended', transferId: transfer.id, volume: touched(back, call.nowMs) });
  return transfer;
};

/** The transfer that the path names: only whoever offers the disk sees it. */
export const findTransfer = ({ world }: Cloud, { params, projectId }: Call): Transfer | Refusal => {
  const transfer = world.transfers.get(params['transferId'] ?? '');
  return transfer?.projectId === projectId ? transfer : refuse('EVS.5404', 'no such transfer');
};
