import type { DiskCloud, Sent } from '@strata/cloud';
import {
  Carrier,
  cloudFailed,
  vendorNeeded,
  type Found,
  type Look,
  type LookContext,
  type SendContext,
} from '@strata/operations';
import { sendTo, snapshotsOf, stateFault } from '../offered-snapshots.js';
import { DeleteSnapshotInput } from '../snapshot-inputs.js';

/** Ends when absence was observed (architecture §3). Already gone is done. */
export class DeleteSnapshot extends Carrier<DiskCloud> {
  override readonly kind = 'snapshot.delete';

  override send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId } = DeleteSnapshotInput.parse(context.operation.input);
    return sendTo(cloud, async (snapshots) => {
      const sent = await snapshots.deleteSnapshot(cloudId, context);
      if (sent.outcome !== 'refused') return sent;
      const taken = { outcome: 'accepted', jobId: null, cloudId, requestId: sent.fault.requestId } as const;
      if (sent.reason === 'not-found') return taken;
      // Refused for its state: that may be the deletion of an earlier attempt at work.
      const snapshot = await snapshots.findSnapshot(cloudId);
      return snapshot === null || snapshot.status === 'deleting' ? taken : sent;
    });
  }

  override async lookUp(cloud: DiskCloud, { operation }: LookContext): Promise<Found> {
    const { cloudId } = DeleteSnapshotInput.parse(operation.input);
    const snapshot = await snapshotsOf(cloud).findSnapshot(cloudId);
    const effective = snapshot === null || snapshot.status === 'deleting' || snapshot.status === 'error-deleting';
    return effective ? { found: true, cloudId } : { found: false };
  }

  override async look(cloud: DiskCloud, { operation }: LookContext): Promise<Look> {
    const { cloudId } = DeleteSnapshotInput.parse(operation.input);
    const snapshot = await snapshotsOf(cloud).findSnapshot(cloudId);
    if (snapshot === null) return { look: 'done', outcome: {} };
    if (snapshot.status === 'error-deleting')
      return {
        look: 'failed',
        error: vendorNeeded(cloudFailed(stateFault(snapshot))),
        left: { broken: true, cloudStatus: snapshot.cloudStatus },
      };
    const state = snapshot.status === 'deleting' ? 'running' : 'waiting';
    return { look: 'pending', state, cloudId };
  }
}
