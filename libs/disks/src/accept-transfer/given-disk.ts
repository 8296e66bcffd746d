import { CloudSilent, type DiskCloud } from '@strata/cloud';
import { everything, type EventStore } from '@strata/event-store';
import type { KnownOperation } from '@strata/operations';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { TransferInput } from '../disk-inputs.js';

/** A disk that an operation brings to another project, where it is. */
export interface Given {
  readonly cloud: DiskCloud;
  readonly cloudId: string;
  /** Resolves when there is room for a write in the budget of that cloud. Throws `CloudSilent` while nothing may be sent there. */
  readonly turn: () => Promise<void>;
}

/** Throws `CloudSilent` while that cloud cannot be had. */
export type GivenDisk = (operation: Pick<KnownOperation, 'input'>) => Promise<Given>;

/** Told by the log: the operation, which is the receiver's, names nothing of the project that gives. */
export const givenDisk =
  (
    store: EventStore,
    cloudOf: (bindingId: string) => Promise<DiskCloud | undefined>,
    turnAt: (bindingId: string) => Promise<void>,
  ): GivenDisk =>
  async ({ input }) => {
    const { diskId } = TransferInput.parse(input);
    const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
    const disk = loaded && diskOf(loaded);
    if (disk?.life !== 'in-cloud') throw new Error(`the disk ${diskId} is not in the cloud`);
    const cloud = await cloudOf(disk.bindingId);
    if (cloud === undefined) throw new CloudSilent(notReached, 'unavailable', null);
    return { cloud, cloudId: disk.cloudId, turn: () => turnAt(disk.bindingId) };
  };

const notReached = {
  code: 'giver-not-reached',
  message: 'the cloud project that gives the disk cannot be reached',
  requestId: null,
};
