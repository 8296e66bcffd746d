import type { CloudSnapshot, DiskCloud, Sent } from '@strata/cloud';
import { Carrier, cloudRefusal, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { sendTo, snapshotsOf } from '../offered-snapshots.js';
import { ChangeSnapshotInput } from '../snapshot-inputs.js';
import type { SnapshotChange } from '../snapshot/index.js';

/** Synchronous in the cloud (EVS reference §1.7): once accepted it is done. */
export class ChangeSnapshot extends Carrier<DiskCloud> {
  override readonly kind = 'snapshot.update';

  override send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, change } = ChangeSnapshotInput.parse(context.operation.input);
    return sendTo(cloud, (snapshots) => snapshots.changeSnapshot(cloudId, change, context));
  }

  override async lookUp(cloud: DiskCloud, { operation }: LookContext): Promise<Found> {
    const { cloudId, change } = ChangeSnapshotInput.parse(operation.input);
    const snapshot = await snapshotsOf(cloud).findSnapshot(cloudId);
    return snapshot !== null && shows(snapshot, change) ? { found: true, cloudId } : { found: false };
  }

  override async look(cloud: DiskCloud, { operation }: LookContext): Promise<Look> {
    const { cloudId } = ChangeSnapshotInput.parse(operation.input);
    const snapshot = await snapshotsOf(cloud).findSnapshot(cloudId);
    const gone = { code: 'not-found', message: 'the snapshot is not there', requestId: null };
    return snapshot === null
      ? { look: 'failed', error: cloudRefusal('not-found', gone), left: {} }
      : { look: 'done', outcome: { cloudId } };
  }
}

const shows = (snapshot: CloudSnapshot, { name, description, metadata = {} }: SnapshotChange): boolean =>
  (name === undefined || snapshot.name === name) &&
  (description === undefined || snapshot.description === description) &&
  Object.entries(metadata).every(([key, value]) => (snapshot.metadata[key] ?? null) === value);
