import type { CloudSnapshot, DiskCloud, Sent } from '@strata/cloud';
import {
  Carrier,
  creationLeftInError,
  type Found,
  type Look,
  type LookContext,
  type SendContext,
  vanished,
} from '@strata/operations';
import { sendTo, snapshotsOf, stateFault } from '../offered-snapshots.js';
import { CreateSnapshotInput } from '../snapshot-inputs.js';

/** As the cloud tells it; where it does not, that is the beginning of time. */
const takenAt = ({ createdAt }: CloudSnapshot) => (Date.parse(createdAt) > 0 ? { takenAt: createdAt } : {});

/** EVS reference §1.7: there is no job, the status of the snapshot tells. */
export class CreateSnapshot extends Carrier<DiskCloud> {
  override readonly kind = 'snapshot.create';

  override send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudDiskId, name, description, metadata, force } = CreateSnapshotInput.parse(context.operation.input);
    const wanted = { marker: context.marker, cloudDiskId, name, description, metadata, force };
    return sendTo(cloud, (snapshots) => snapshots.createSnapshot(wanted, context));
  }

  override async lookUp(cloud: DiskCloud, context: LookContext): Promise<Found> {
    const found = await this.byMarker(cloud, context);
    return found === null ? { found: false } : { found: true, cloudId: found.cloudId };
  }

  override async look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId } = context;
    const snapshot =
      cloudId === null ? await this.byMarker(cloud, context) : await snapshotsOf(cloud).findSnapshot(cloudId);
    if (snapshot === null)
      return { look: 'pending', state: 'waiting', cloudId, ...(cloudId !== null && { untouched: vanished }) };
    if (snapshot.status === 'available' || snapshot.status === 'backing-up')
      return { look: 'done', outcome: { cloudId: snapshot.cloudId, ...takenAt(snapshot) } };
    if (snapshot.status.startsWith('error'))
      return { look: 'failed', error: creationLeftInError(stateFault(snapshot)), left: { cloudId: snapshot.cloudId } };
    return { look: 'pending', state: 'running', cloudId: snapshot.cloudId };
  }

  private async byMarker(cloud: DiskCloud, { marker, operation }: LookContext): Promise<CloudSnapshot | null> {
    const { cloudDiskId } = CreateSnapshotInput.parse(operation.input);
    const [found] = await snapshotsOf(cloud).findSnapshotsByMarker(marker, cloudDiskId);
    return found ?? null;
  }
}
