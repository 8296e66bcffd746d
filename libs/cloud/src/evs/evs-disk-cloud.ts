import {
  CloudSilent,
  DiskCloud,
  type CloudAccess,
  type CloudDisk,
  type CloudDiskChange,
  type CloudDiskType,
  type CloudFault,
  type CloudImages,
  type CloudQuota,
  type CloudZone,
  type JobLook,
  type NewCloudDisk,
  type Sent,
  type WriteOptions,
} from '../disk-cloud.js';
import type { ImageCloud } from '../image-cloud.js';
import type { SnapshotCloud } from '../snapshot-cloud.js';
import type { TransferCloud } from '../transfer-cloud.js';
import { attachDisk } from './disks/attach-disk.js';
import { changeDiskType } from './disks/change-disk-type.js';
import { createDisk } from './disks/create-disk.js';
import { deleteDisk } from './disks/delete-disk.js';
import { detachDisk } from './disks/detach-disk.js';
import { expandDisk } from './disks/expand-disk.js';
import { markDisk } from './disks/mark-disk.js';
import { queryAllDisks, queryDiskPage } from './disks/query-all-disks.js';
import { queryDisk } from './disks/query-disk.js';
import { queryDisksByIds } from './disks/query-disks-by-ids.js';
import { queryDisksByMarker } from './disks/query-disks-by-marker.js';
import { updateDisk } from './disks/update-disk.js';
import { EvsImageCloud } from './evs-image-cloud.js';
import { EvsSnapshotCloud } from './evs-snapshot-cloud.js';
import { EvsTransferCloud } from './evs-transfer-cloud.js';
import { EvsClient, type EvsOptions } from './evs.client.js';
import { queryImages } from './images/query-images.js';
import { queryAvailabilityZones } from './query-availability-zones.js';
import { queryDiskTypes } from './query-disk-types.js';
import { queryJob } from './query-job.js';
import { queryQuota } from './query-quota.js';

const largestPage = 1000;

/** Elastic Volume Service of the Open Telekom Cloud, behind our port. Holds one token and one pool of connections. */
export class EvsDiskCloud extends DiskCloud {
  /** The snapshots of the same cloud project. */
  override readonly snapshots: SnapshotCloud;
  /** Where the binding names the service of images. */
  override readonly imageMaker: ImageCloud | null;
  /** From and into the same cloud project. */
  override readonly transfers: TransferCloud;
  readonly #client: EvsClient;

  /** Nothing is sent before the first call. */
  constructor(access: CloudAccess, options: Partial<EvsOptions> = {}) {
    super();
    this.#client = new EvsClient(access, options);
    const rollback = access.kind === 'evs' ? access.rollback : undefined;
    this.snapshots = new EvsSnapshotCloud(this.#client, rollback ?? 'cloudsnapshots');
    this.imageMaker = this.#client.missing('ims') === null ? new EvsImageCloud(this.#client) : null;
    this.transfers = new EvsTransferCloud(this.#client);
  }

  createDisk(disk: NewCloudDisk, options: WriteOptions): Promise<Sent> {
    return createDisk(this.#client, disk, options);
  }

  extendDisk(cloudId: string, sizeGiB: number, options: WriteOptions): Promise<Sent> {
    return expandDisk(this.#client, cloudId, sizeGiB, options);
  }

  retypeDisk(cloudId: string, type: string, options: WriteOptions): Promise<Sent> {
    return changeDiskType(this.#client, cloudId, type, options);
  }

  changeDisk(cloudId: string, change: CloudDiskChange, options: WriteOptions): Promise<Sent> {
    return updateDisk(this.#client, cloudId, change, options);
  }

  markDisk(disk: CloudDisk, marker: string, options: WriteOptions): Promise<Sent> {
    return markDisk(this.#client, disk, marker, options);
  }

  deleteDisk(cloudId: string, options: WriteOptions): Promise<Sent> {
    return deleteDisk(this.#client, cloudId, options);
  }

  attachDisk(cloudId: string, serverId: string, device: string | null, options: WriteOptions): Promise<Sent> {
    return attachDisk(this.#client, { cloudId, serverId, device }, options);
  }

  detachDisk(cloudId: string, serverId: string, options: WriteOptions): Promise<Sent> {
    return detachDisk(this.#client, { cloudId, serverId }, options);
  }

  lookAtJob(jobId: string): Promise<JobLook> {
    return queryJob(this.#client, jobId);
  }

  findDisk(cloudId: string): Promise<CloudDisk | null> {
    return queryDisk(this.#client, cloudId);
  }

  findDisksByMarker(marker: string, since: Date): Promise<readonly CloudDisk[]> {
    return queryDisksByMarker(this.#client, marker, since);
  }

  findDisks(cloudIds: readonly string[]): Promise<readonly CloudDisk[]> {
    return queryDisksByIds(this.#client, cloudIds);
  }

  listDisks(pageSize = largestPage): AsyncIterable<readonly CloudDisk[]> {
    return queryAllDisks(this.#client, Math.min(pageSize, largestPage));
  }

  quota(): Promise<CloudQuota> {
    return queryQuota(this.#client);
  }

  diskTypes(): Promise<readonly CloudDiskType[]> {
    return queryDiskTypes(this.#client);
  }

  availabilityZones(): Promise<readonly CloudZone[]> {
    return queryAvailabilityZones(this.#client);
  }

  images(): Promise<CloudImages> {
    return queryImages(this.#client);
  }

  async check(): Promise<{ readonly ok: true } | { readonly ok: false; readonly fault: CloudFault }> {
    try {
      await queryDiskPage(this.#client, { limit: '1' });
      return { ok: true };
    } catch (error) {
      if (error instanceof CloudSilent) return { ok: false, fault: error.fault };
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
