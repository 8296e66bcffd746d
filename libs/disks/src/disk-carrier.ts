import type { DiskCloud } from '@strata/cloud';
import type { JsonObject } from '@strata/kernel';
import { Carrier, type LookContext } from '@strata/operations';

/** Carries out what is done to one disk. */
export abstract class DiskCarrier extends Carrier<DiskCloud> {
  /** The disk as the cloud shows it in the end, to be quarantined as that; nothing when the cloud has none. */
  override async leftWhenStuck(cloud: DiskCloud | null, context: LookContext): Promise<JsonObject> {
    const { cloudId } = context;
    if (cloud === null)
      return cloudId === null ? {} : { stuck: { cloudId, condition: 'unknown', cloudStatus: 'unknown' } };
    const disk = cloudId === null ? await this.marked(cloud, context) : await cloud.findDisk(cloudId);
    if (disk === null) return {};
    return { stuck: { cloudId: disk.cloudId, condition: disk.status, cloudStatus: disk.cloudStatus } };
  }

  private async marked(cloud: DiskCloud, { marker, since }: LookContext) {
    const [disk] = marker === '' ? [] : await cloud.findDisksByMarker(marker, since);
    return disk ?? null;
  }
}
