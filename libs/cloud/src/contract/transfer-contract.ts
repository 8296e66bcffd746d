import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CloudDisk, DiskCloud } from '../disk-cloud.js';
import { TransferKey, type Offered, type TransferCloud } from '../transfer-cloud.js';
import { acceptedAs, diskWith, eventually, makeDisk, removeDisk, soon, tried } from './trial.js';
import type { CloudOnTrial, SwitchableCloud } from './trial.js';

export interface WithReceiver {
  /** Another project of the same cloud. */
  readonly receiver: DiskCloud;
}

type Trial = CloudOnTrial & WithReceiver;

const transfersOf = ({ transfers }: DiskCloud): TransferCloud => {
  if (transfers === null) throw new Error('the cloud hands over no disks');
  return transfers;
};

const offeredAs = (offered: Offered): Extract<Offered, { outcome: 'offered' }> => {
  if (offered.outcome !== 'offered') throw new Error(`not offered: ${JSON.stringify(offered)}`);
  return offered;
};

const nameOf = () => `${randomUUID()}.1`;

/** Offers a disk under a name, and waits until it awaits its transfer. */
const offer = async (trial: Trial, { cloudId }: CloudDisk, name = nameOf()) => {
  const offered = offeredAs(await transfersOf(trial.cloud).offerDisk(cloudId, name, soon));
  await diskWith(trial, cloudId, ({ status }) => status === 'awaiting-transfer');
  return offered;
};

const backAsBefore = async (trial: Trial, disk: CloudDisk): Promise<void> => {
  await diskWith(trial, disk.cloudId, ({ status }) => status === 'available');
  expect(await trial.cloud.findDisk(disk.cloudId)).toEqual(disk);
  expect(await transfersOf(trial.cloud).findTransfersOfDisk(disk.cloudId)).toEqual([]);
  await removeDisk(trial, disk.cloudId);
};

/** What every cloud must do that brings disks from one of its projects into another, a real one too. */
export const transferContract = (open: () => Promise<Trial>): void => {
  const on = (test: (trial: Trial) => Promise<void>) => tried(open, test);

  describe('a cloud of several projects', () => {
    it(
      'brings a disk into another one, with its id and all that it is',
      on(async (trial) => {
        const { cloud, receiver } = trial;
        const disk = await makeDisk(trial, { name: 'ledger', tags: { team: 'a' }, metadata: { owner: 'b' } });
        const name = nameOf();
        const { transferId, key } = await offer(trial, disk, name);
        const shown = await transfersOf(cloud).findTransfer(transferId);
        expect(shown).toMatchObject({ transferId, cloudDiskId: disk.cloudId, name });
        expect(await transfersOf(cloud).findTransfersOfDisk(disk.cloudId)).toEqual([shown]);
        expect(await transfersOf(cloud).findTransfersOfDisk(randomUUID())).toEqual([]);
        acceptedAs(await transfersOf(receiver).acceptDisk(transferId, key, soon));
        const there = { ...trial, cloud: receiver };
        await diskWith(there, disk.cloudId, ({ status }) => status === 'available');
        expect(await receiver.findDisk(disk.cloudId)).toEqual(disk);
        expect(await cloud.findDisk(disk.cloudId)).toBeNull();
        expect(await transfersOf(cloud).findTransfer(transferId)).toBeNull();
        await removeDisk(there, disk.cloudId);
      }),
    );

    it(
      'shows the key of an offer in nothing that is written',
      on(async (trial) => {
        const disk = await makeDisk(trial);
        const offered = await offer(trial, disk);
        const key = offered.key.reveal();
        expect(key).not.toBe('');
        for (const text of [JSON.stringify(offered), inspect(offered, { depth: 9, showHidden: true })])
          expect(text).not.toContain(key);
        acceptedAs(await transfersOf(trial.cloud).takeBack(offered.transferId, soon));
        await backAsBefore(trial, disk);
      }),
    );

    it(
      'takes an offer back once, and lets nobody accept it then',
      on(async (trial) => {
        const { cloud, receiver } = trial;
        const disk = await makeDisk(trial);
        const { transferId, key } = await offer(trial, disk);
        acceptedAs(await transfersOf(cloud).takeBack(transferId, soon));
        const gone = { outcome: 'refused', reason: 'not-found' };
        expect(await transfersOf(cloud).takeBack(transferId, soon)).toMatchObject(gone);
        expect(await transfersOf(receiver).acceptDisk(transferId, key, soon)).toMatchObject(gone);
        await backAsBefore(trial, disk);
      }),
    );

    it(
      'refuses another key, a disk that is offered already, and one that never was',
      on(async (trial) => {
        const { cloud, receiver } = trial;
        const disk = await makeDisk(trial);
        const { transferId } = await offer(trial, disk);
        const wrong = await transfersOf(receiver).acceptDisk(transferId, new TransferKey('0'.repeat(16)), soon);
        expect(wrong).toMatchObject({ outcome: 'refused', reason: 'invalid' });
        expect(await transfersOf(cloud).offerDisk(disk.cloudId, nameOf(), soon)).toMatchObject({ outcome: 'refused' });
        expect(await transfersOf(cloud).offerDisk(randomUUID(), nameOf(), soon)).toMatchObject({
          outcome: 'refused',
          reason: 'not-found',
        });
        acceptedAs(await transfersOf(cloud).takeBack(transferId, soon));
        await backAsBefore(trial, disk);
      }),
    );

    it(
      'sends nothing too late',
      on(async (trial) => {
        const late = { timeoutMs: 30_000, mayStillSend: () => false };
        const nothing = { outcome: 'not-now', why: 'unavailable' };
        const disk = await makeDisk(trial);
        expect(await transfersOf(trial.cloud).offerDisk(disk.cloudId, nameOf(), late)).toMatchObject(nothing);
        const { transferId, key } = await offer(trial, disk);
        expect(await transfersOf(trial.receiver).acceptDisk(transferId, key, late)).toMatchObject(nothing);
        expect(await transfersOf(trial.cloud).takeBack(transferId, late)).toMatchObject(nothing);
        expect(await trial.cloud.findDisk(disk.cloudId)).toMatchObject({ status: 'awaiting-transfer' });
        acceptedAs(await transfersOf(trial.cloud).takeBack(transferId, soon));
        await backAsBefore(trial, disk);
      }),
    );
  });
};

/** What can be found out when an answer was lost. */
export const faultyTransferContract = (open: () => Promise<SwitchableCloud & WithReceiver>): void => {
  const on = (test: (trial: SwitchableCloud & WithReceiver) => Promise<void>) => tried(open, test);

  describe('a cloud of several projects whose answers are lost', () => {
    it(
      'shows under its name an offer whose key was lost with the answer, so that it can be taken back',
      on(async (trial) => {
        const { cloud, switches } = trial;
        const disk = await makeDisk(trial);
        const name = nameOf();
        await switches.faults({ kind: 'answer-lost', on: ['offer'], times: 1 });
        expect(await transfersOf(cloud).offerDisk(disk.cloudId, name, soon)).toMatchObject({ outcome: 'unknown' });
        const [lost] = await transfersOf(cloud).findTransfersOfDisk(disk.cloudId);
        expect(lost).toMatchObject({ name });
        await switches.faults({ kind: 'answer-lost', on: ['take-back'], times: 1 });
        const back = await transfersOf(cloud).takeBack(lost?.transferId ?? '', soon);
        expect(back).toMatchObject({ outcome: 'unknown' });
        await backAsBefore(trial, disk);
      }),
    );

    it(
      'shows by the disk what became of an acceptance',
      on(async (trial) => {
        const { cloud, receiver, switches } = trial;
        const [moved, kept] = [await makeDisk(trial), await makeDisk(trial)];
        const there = await offer(trial, moved);
        await switches.faults({ kind: 'answer-lost', on: ['accept'], times: 1 });
        const lost = await transfersOf(receiver).acceptDisk(there.transferId, there.key, soon);
        expect(lost).toMatchObject({ outcome: 'unknown' });
        const found = await eventually(
          trial.patienceMs,
          () => receiver.findDisk(moved.cloudId),
          (disk) => disk?.status === 'available',
        );
        expect([found, await cloud.findDisk(moved.cloudId)]).toEqual([moved, null]);
        const here = await offer(trial, kept);
        await switches.faults({ kind: 'request-lost', on: ['accept'], times: 1 });
        expect(await transfersOf(receiver).acceptDisk(here.transferId, here.key, soon)).toMatchObject({
          outcome: 'unknown',
        });
        expect(await receiver.findDisk(kept.cloudId)).toBeNull();
        expect(await cloud.findDisk(kept.cloudId)).toMatchObject({ status: 'awaiting-transfer' });
        acceptedAs(await transfersOf(cloud).takeBack(here.transferId, soon));
        await backAsBefore(trial, kept);
        await removeDisk({ ...trial, cloud: receiver }, moved.cloudId);
      }),
    );
  });
};
