import type { CloudDisk, DiskCloud, Sent } from '@strata/cloud';
import { cloudRefusal, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import { ChangeInput } from '../disk-inputs.js';
import type { DiskChange } from '../disk/disk.events.js';

/** Synchronous in the cloud (EVS reference §1.5, §1.8): once accepted it is done. */
export class ChangeDisk extends DiskCarrier {
  override readonly kind = 'disk.update';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, change } = ChangeInput.parse(context.operation.input);
    return cloud.changeDisk(cloudId, change, context);
  }

  override async lookUp(cloud: DiskCloud, context: LookContext): Promise<Found> {
    const { cloudId, change } = ChangeInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    return disk !== null && shows(disk, change) ? { found: true, cloudId } : { found: false };
  }

  override async look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId } = ChangeInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    const gone = { code: 'not-found', message: 'the disk is not there', requestId: null };
    return disk === null
      ? { look: 'failed', error: cloudRefusal('not-found', gone), left: {} }
      : { look: 'done', outcome: { cloudId } };
  }
}

const shows = (disk: CloudDisk, change: DiskChange): boolean =>
  (change.name === undefined || disk.name === change.name) &&
  (change.description === undefined || disk.description === change.description) &&
  (change.bootable === undefined || disk.bootable === change.bootable) &&
  (change.readOnly === undefined || (disk.readOnly ?? false) === change.readOnly) &&
  showsLabels(disk.tags, change.tags) &&
  showsLabels(disk.metadata, change.metadata);

const showsLabels = (
  labels: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>> | undefined,
): boolean => Object.entries(change ?? {}).every(([key, value]) => (labels[key] ?? null) === value);
