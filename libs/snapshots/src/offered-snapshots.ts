import type { CloudSnapshot, DiskCloud, Sent, SnapshotCloud } from '@strata/cloud';
import { CloudSilent } from '@strata/cloud';

const fault = { code: 'no-snapshots', message: 'the cloud of the binding offers no snapshots', requestId: null };

/** Sends nothing where the cloud offers no snapshots. */
export const sendTo = (cloud: DiskCloud, send: (snapshots: SnapshotCloud) => Promise<Sent>): Promise<Sent> =>
  cloud.snapshots === null
    ? Promise.resolve({ outcome: 'refused', reason: 'snapshots-not-offered', fault })
    : send(cloud.snapshots);

/** @throws CloudSilent where the cloud offers none (any more): what was sent cannot be looked at. */
export const snapshotsOf = ({ snapshots }: DiskCloud): SnapshotCloud => {
  if (snapshots === null) throw new CloudSilent(fault, 'unavailable', null);
  return snapshots;
};

/** A fault told by a state. */
export const stateFault = ({ cloudStatus }: Pick<CloudSnapshot, 'cloudStatus'>) => ({
  code: cloudStatus,
  message: `the snapshot is in state ${cloudStatus}`,
  requestId: null,
});
