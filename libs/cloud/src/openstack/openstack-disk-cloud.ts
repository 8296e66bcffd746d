import {
  CloudSilent,
  DiskCloud,
  type CloudDisk,
  type CloudDiskChange,
  type CloudDiskType,
  type CloudFault,
  type CloudImages,
  type CloudQuota,
  type CloudZone,
  type JobLook,
  type NewCloudDisk,
  type OpenstackAccess,
  type Sent,
  type WriteOptions,
} from '../disk-cloud.js';
import type { ImageCloud } from '../image-cloud.js';
import type { SnapshotCloud } from '../snapshot-cloud.js';
import type { TransferCloud } from '../transfer-cloud.js';
import { ownFault } from '../wire/outcome.js';
import { largestPage } from './cinder-list.js';
import { listImages } from './images/list-images.js';
import { listAllVolumeTypes } from './list-all-volume-types.js';
import { listAvailabilityZones } from './list-availability-zone-information.js';
import { OpenstackImageCloud } from './openstack-image-cloud.js';
import { OpenstackSnapshotCloud } from './openstack-snapshot-cloud.js';
import { OpenstackTransferCloud } from './openstack-transfer-cloud.js';
import { OpenstackClient, type OpenstackOptions } from './openstack.client.js';
import { showQuotaUsage } from './show-quota-usage-for-a-project.js';
import { createVolume } from './volumes/create-a-volume.js';
import { deleteVolume } from './volumes/delete-a-volume.js';
import { extendVolumeSize } from './volumes/extend-a-volume-size.js';
import { findVolumesByIds } from './volumes/find-volumes-by-ids.js';
import { findVolumesByMarker } from './volumes/find-volumes-by-marker.js';
import { listVolumes, volumePage } from './volumes/list-accessible-volumes-with-details.js';
import { markVolume } from './volumes/mark-a-volume.js';
import { retypeVolume } from './volumes/retype-a-volume.js';
import { showVolumeDetails } from './volumes/show-a-volumes-details.js';
import { updateVolume } from './volumes/update-a-volume.js';

/** Keystone, Cinder and Glance of any OpenStack cloud, behind our port. Holds one token and one pool of connections. */
export class OpenstackDiskCloud extends DiskCloud {
  /** The snapshots of the same cloud project. */
  override readonly snapshots: SnapshotCloud;
  override readonly imageMaker: ImageCloud;
  /** From and into the same cloud project. */
  override readonly transfers: TransferCloud;
  readonly #client: OpenstackClient;

  /** Nothing is sent before the first call. */
  constructor(access: OpenstackAccess, options: Partial<OpenstackOptions> = {}) {
    super();
    this.#client = new OpenstackClient(access, options);
    this.snapshots = new OpenstackSnapshotCloud(this.#client, access);
    this.imageMaker = new OpenstackImageCloud(this.#client);
    this.transfers = new OpenstackTransferCloud(this.#client);
  }

  createDisk(disk: NewCloudDisk, options: WriteOptions): Promise<Sent> {
    return createVolume(this.#client, disk, options);
  }

  extendDisk(cloudId: string, sizeGiB: number, options: WriteOptions): Promise<Sent> {
    return extendVolumeSize(this.#client, cloudId, sizeGiB, options);
  }

  retypeDisk(cloudId: string, type: string, options: WriteOptions): Promise<Sent> {
    return retypeVolume(this.#client, cloudId, type, options);
  }

  changeDisk(cloudId: string, change: CloudDiskChange, options: WriteOptions): Promise<Sent> {
    return updateVolume(this.#client, cloudId, change, options);
  }

  markDisk({ cloudId }: CloudDisk, marker: string, options: WriteOptions): Promise<Sent> {
    return markVolume(this.#client, cloudId, marker, options);
  }

  deleteDisk(cloudId: string, options: WriteOptions): Promise<Sent> {
    return deleteVolume(this.#client, cloudId, options);
  }

  attachDisk(): Promise<Sent> {
    return Promise.resolve(withoutCompute);
  }

  detachDisk(): Promise<Sent> {
    return Promise.resolve(withoutCompute);
  }

  /** Cinder has no jobs: the disk's own status tells how it goes on. */
  lookAtJob(): Promise<JobLook> {
    return Promise.resolve({ state: 'unheard-of' });
  }

  findDisk(cloudId: string): Promise<CloudDisk | null> {
    return showVolumeDetails(this.#client, cloudId);
  }

  findDisksByMarker(marker: string, since: Date): Promise<readonly CloudDisk[]> {
    return findVolumesByMarker(this.#client, marker, since);
  }

  findDisks(cloudIds: readonly string[]): Promise<readonly CloudDisk[]> {
    return findVolumesByIds(this.#client, cloudIds);
  }

  listDisks(pageSize = largestPage): AsyncIterable<readonly CloudDisk[]> {
    return listVolumes(this.#client, Math.min(pageSize, largestPage));
  }

  quota(): Promise<CloudQuota> {
    return showQuotaUsage(this.#client);
  }

  diskTypes(): Promise<readonly CloudDiskType[]> {
    return listAllVolumeTypes(this.#client);
  }

  availabilityZones(): Promise<readonly CloudZone[]> {
    return listAvailabilityZones(this.#client);
  }

  images(): Promise<CloudImages> {
    return listImages(this.#client);
  }

  async check(): Promise<{ readonly ok: true } | { readonly ok: false; readonly fault: CloudFault }> {
    try {
      await volumePage(this.#client, { limit: '1' });
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

const withoutCompute: Sent = {
  outcome: 'refused',
  reason: 'other',
  fault: ownFault('no-compute', 'disks of an OpenStack binding are attached in Nova, and seen here once they are'),
};
