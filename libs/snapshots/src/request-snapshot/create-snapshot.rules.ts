import type { Disk } from '@strata/disks';
import type { JsonObject } from '@strata/kernel';
import { CreateSnapshotInput } from '../snapshot-inputs.js';
import { snapshotRules, type Meaning } from '../snapshot-rules.js';
import type { Extent, SnapshotFault } from '../snapshot/index.js';
import type { KnownOperation } from '@strata/operations';

const cloudIdIn = ({ cloudId }: { readonly [member: string]: unknown }): string | null =>
  typeof cloudId === 'string' ? cloudId : null;

/** What is left in the cloud, whole or broken, goes with the disk when that is deleted: so the disk knows of it. */
const failed = ({ operationId, input }: KnownOperation, fault: SnapshotFault, left: JsonObject): Meaning => {
  const cloudId = cloudIdIn(left);
  const { snapshotId } = CreateSnapshotInput.parse(input);
  return {
    snapshot: { type: 'RecordCreationFailed', operationId, fault, cloudId },
    disk:
      cloudId === null
        ? { type: 'RecordFailed', operationId, fault, broken: false }
        : { type: 'RecordSnapshotKept', operationId, snapshotId },
  };
};

/** Nothing of a disk that is not there (any more) can be charged: its own refusal comes before that. */
export const extentOf = (disk: Disk): Extent => {
  const { sizeGiB, type, availabilityZone } =
    disk.life === 'in-cloud' ? disk : { sizeGiB: 1, type: '', availabilityZone: '' };
  return { sizeGiB, type, availabilityZone };
};

/** The cloud wants to be told that the disk may be attached (EVS reference §1.7). */
export const isForced = (disk: Disk, wanted: boolean): boolean =>
  wanted || (disk.life === 'in-cloud' && disk.condition === 'in-use');

/** A second send would make a second snapshot: absence needs three looks over the whole visibility bound. */
export const createSnapshotRules = snapshotRules({
  kind: 'snapshot.create',
  absence: 'three-looks',
  deadlineMs: 60 * 60_000,
  withDisk: true,
  done: ({ operationId, input }, outcome) => {
    const { snapshotId } = CreateSnapshotInput.parse(input);
    return {
      snapshot: { type: 'RecordTaken', operationId, cloudId: cloudIdIn(outcome) ?? '' },
      disk: { type: 'RecordSnapshotKept', operationId, snapshotId },
    };
  },
  failed,
  told: ({ takenAt }) => (typeof takenAt === 'string' ? { takenAt } : {}),
  again: (input, work, disk) => {
    const { snapshotId, force } = CreateSnapshotInput.parse(input);
    return {
      snapshot: { type: 'RequestAgain', extent: extentOf(disk), work },
      disk: { type: 'RequestSnapshot', snapshotId, work },
      input: { ...input, force: isForced(disk, force) },
    };
  },
});
