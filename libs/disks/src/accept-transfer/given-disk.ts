import { CloudSilent, type DiskCloud } from '@strata/cloud';
import { everything, type EventStore } from '@strata/event-store';
import type { KnownOperation } from '@strata/operations';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { TransferInput } from '../disk-inputs.js';

/** The disk that an operation brings to another project, where it is. Throws `CloudSilent` while that cloud cannot be had. */
export type GivenDisk = (
  operation: Pick<KnownOperation, 'input'>,
) => Promise<{ readonly cloud: DiskCloud; readonly cloudId: string }>;

/** Told by the log: the operation, which is the receiver's, names nothing of the project that gives. */
export const givenDisk =
  (store: EventStore, cloudOf: (bindingId: string) => Promise<DiskCloud | undefined>): GivenDisk =>
  async ({ input }) => {
    const { diskId } = TransferInput.parse(input);
    const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
    const disk = loaded && diskOf(loaded);
    if (disk?.life !== 'in-cloud') throw new Error(`the disk ${diskId} is not in the cloud`);
    const cloud = await cloudOf(disk.bindingId);
    if (cloud === undefined) throw new CloudSilent(notReached, 'unavailable', null);
    return { cloud, cloudId: disk.cloudId };
  };

const notReached = {
  code: 'giver-not-reached',
  message: 'the cloud project that gives the disk cannot be reached',
  requestId: null,
};
