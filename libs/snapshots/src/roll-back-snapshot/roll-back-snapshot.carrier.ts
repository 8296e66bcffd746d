import type { CloudDisk, DiskCloud, Sent } from '@strata/cloud';
import { brokenAs } from '@strata/disks';
import { Carrier, cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { sendTo, snapshotsOf, stateFault } from '../offered-snapshots.js';
import { RollBackInput } from '../snapshot-inputs.js';

/** EVS reference §1.7: there is no job, the states of disk and snapshot tell, and only while it lasts. */
export class RollBackSnapshot extends Carrier<DiskCloud> {
  override readonly kind = 'snapshot.rollback';

  override send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, cloudDiskId } = RollBackInput.parse(context.operation.input);
    return sendTo(cloud, (snapshots) => snapshots.rollBack(cloudId, cloudDiskId, context));
  }

  /** Seen at work, or in another state than it was left in by one before. */
  override async lookUp(cloud: DiskCloud, { operation }: LookContext): Promise<Found> {
    const { cloudId, cloudDiskId, wasBroken } = RollBackInput.parse(operation.input);
    const disk = await cloud.findDisk(cloudDiskId);
    const changed = disk?.status === (wasBroken ? 'available' : 'error-rolling-back');
    const effective = changed || (await this.isAtWork(cloud, disk, cloudId));
    return effective ? { found: true, cloudId: cloudDiskId } : { found: false };
  }

  override async look(cloud: DiskCloud, { operation }: LookContext): Promise<Look> {
    const { cloudId, cloudDiskId } = RollBackInput.parse(operation.input);
    const disk = await cloud.findDisk(cloudDiskId);
    if (disk === null) return { look: 'pending', state: 'waiting', cloudId: cloudDiskId };
    if (disk.status.startsWith('error'))
      return { look: 'failed', error: cloudFailed(stateFault(disk)), left: brokenAs(disk) };
    if (await this.isAtWork(cloud, disk, cloudId)) return { look: 'pending', state: 'running', cloudId: cloudDiskId };
    return disk.status === 'available' || disk.status === 'in-use'
      ? { look: 'done', outcome: {} }
      : { look: 'pending', state: 'waiting', cloudId: cloudDiskId };
  }

  private async isAtWork(cloud: DiskCloud, disk: CloudDisk | null, cloudId: string): Promise<boolean> {
    if (disk?.status === 'rolling-back') return true;
    return (await snapshotsOf(cloud).findSnapshot(cloudId))?.status === 'rolling-back';
  }
}
