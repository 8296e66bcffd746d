import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { findVolume, touched, type Accepted } from './disk-work.js';
import type { Volume } from './volume.js';
import { jobFor, planWork } from './work.js';

/** EVS reference §1.5, §8.5. Whether a project or a user may have so many is not documented: here it is the project. */
export const MAX_RETYPES_AT_ONCE = 10;
const MAX_SNAPSHOTS = 128;

/** What a disk of each type can become. */
const ways: ReadonlyMap<string, readonly string[]> = new Map([
  ['SATA', ['SAS', 'GPSSD', 'SSD', 'ESSD']],
  ['SAS', ['GPSSD', 'SSD', 'ESSD']],
  ['GPSSD', ['SSD', 'ESSD']],
  ['SSD', ['GPSSD', 'ESSD']],
  ['ESSD', ['GPSSD', 'SSD']],
]);

/** From the lowest to the highest, for who reads EVS.2087 to the letter. */
const ranks: readonly string[] = ['SATA', 'SAS', 'GPSSD', 'SSD', 'ESSD'];

/** Begins to move a disk to another type; that is claimed at once, and the old one is held until the end. */
export const retypeDisk = (cloud: Cloud, call: Call, newType: string): Accepted | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const refusal = checkDisk(cloud, volume) ?? checkType(cloud, volume, newType) ?? checkRoom(cloud, volume, newType);
  if (refusal) return refusal;
  const { operation, projectId, nowMs } = call;
  const plan = planWork(cloud, { type: 'retypeVolume', operation, projectId, diskName: volume.name, nowMs });
  const { endMs, outcome } = plan;
  const transition = { kind: 'retype', newType, previousStatus: volume.status, endMs, outcome } as const;
  const status = cloud.readings.retypeStatus;
  const retyping: Volume = touched({ ...volume, status, transition }, nowMs);
  const job = jobFor('retypeVolume', volume, plan);
  cloud.world.commit({ kind: 'accepted', volumes: [retyping], jobs: [job] });
  return { jobId: job.id, volumes: [retyping] };
};

const checkDisk = ({ world }: Cloud, { id, projectId, status }: Volume): Refusal | null => {
  if (status !== 'available' && status !== 'in-use') return refuse('EVS.5400', `the disk is ${status}`);
  const snapshots = world.projects.get(projectId)?.snapshotsOf(id) ?? [];
  if (snapshots.some((snapshot) => snapshot.status === 'deleting'))
    return refuse('EVS.5400', 'a snapshot of the disk is being deleted');
  if (snapshots.length > MAX_SNAPSHOTS) return refuse('EVS.5400', `the disk has more than ${MAX_SNAPSHOTS} snapshots`);
  return null;
};

const checkType = ({ world, readings }: Cloud, { volumeType, zone }: Volume, newType: string): Refusal | null => {
  const type = world.types.find(({ name }) => name === newType);
  if (!type) return refuse('EVS.2070', newType);
  const isHigher = ranks.indexOf(newType) > ranks.indexOf(volumeType);
  const isWay = ways.get(volumeType)?.includes(newType) ?? false;
  if (!isWay || (readings.retypeTarget === 'higher-only' && !isHigher))
    return refuse('EVS.2087', `${volumeType} to ${newType}`);
  if (!type.zones.includes(zone)) return refuse('EVS.2071', `${newType} in ${zone}`);
  return type.soldOutIn.includes(zone) ? refuse('EVS.2072', `${newType} in ${zone}`) : null;
};

const checkRoom = ({ world }: Cloud, { projectId, size }: Volume, newType: string): Refusal | null => {
  const project = world.projects.get(projectId);
  if (!project) return refuse('EVS.0001');
  if (project.retyping >= MAX_RETYPES_AT_ONCE)
    return refuse('EVS.5400', `${MAX_RETYPES_AT_ONCE} disks are changing their type already`);
  const exceeded = project.ledger.exceededOfType({ volumes: 1, gigabytes: size }, newType);
  return exceeded && refuse(exceeded === 'volumes' ? 'EVS.1034' : 'EVS.1042', newType);
};
