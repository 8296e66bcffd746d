import type { ImageCloud } from './image-cloud.js';
import type { SnapshotCloud } from './snapshot-cloud.js';
import type { TransferCloud } from './transfer-cloud.js';

export type * from './cloud-access.js';

/**
 * What we need of a cloud's disks, in our words. One instance speaks for one binding (endpoints, region, cloud project,
 * credentials). Every call is bounded in time and either answers, is refused, or is silent:
 *
 * - an answer is a value,
 * - a refusal (the cloud understood and said no) is a value too: `refused`,
 * - a silence (time-out, connection lost, 5xx without proof that nothing happened) of a write is `unknown`;
 *   of a read it is thrown as `CloudSilent`. `throttled` and `unavailable` prove that nothing happened.
 */
export interface CloudFault {
  /** The cloud's own code (`EVS.1042`), else `HTTP <status>`. */
  readonly code: string;
  /** Shortened, without secrets. */
  readonly message: string;
  readonly requestId: string | null;
}

export type RefusalReason =
  | 'cloud-quota-exceeded'
  | 'not-found'
  | 'state-conflict'
  | 'invalid'
  | 'type-unavailable'
  | 'zone-unavailable'
  | 'forbidden'
  /** The kind of cloud, or this one, has nothing of that kind. */
  | 'snapshots-not-offered'
  /** Nothing may be made of images. */
  | 'image-forbidden'
  | 'rollback-not-offered'
  | 'images-not-offered'
  /** The project that gives does not part with the disk. */
  | 'not-handed-over'
  | 'other';

export type Sent =
  /** `jobId` when the cloud follows it as a job; `cloudId` when it names the resource at once. */
  | {
      readonly outcome: 'accepted';
      readonly jobId: string | null;
      readonly cloudId: string | null;
      readonly requestId: string | null;
    }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly fault: CloudFault }
  /** Nothing happened for certain; try later. */
  | {
      readonly outcome: 'not-now';
      readonly why: 'throttled' | 'unavailable';
      readonly fault: CloudFault;
      readonly retryAfterMs: number | null;
    }
  /** Not known whether it happened. */
  | { readonly outcome: 'unknown'; readonly fault: CloudFault };

export type JobLook =
  | { readonly state: 'waiting' | 'running'; readonly cloudId: string | null }
  /** `tookMs`: by the cloud's own clock; null where it does not say. */
  | { readonly state: 'succeeded'; readonly cloudId: string | null; readonly tookMs: number | null }
  | { readonly state: 'failed'; readonly cloudId: string | null; readonly fault: CloudFault }
  /** The cloud does not know this job (any more): look at the resource itself. */
  | { readonly state: 'unheard-of' };

/** Our words for the states of a disk in the cloud; `unknown` for words that we do not know, never a crash. */
export type CloudDiskStatus =
  | 'creating'
  | 'available'
  | 'in-use'
  | 'attaching'
  | 'detaching'
  | 'extending'
  | 'retyping'
  | 'backing-up'
  | 'restoring'
  | 'rolling-back'
  | 'uploading'
  | 'awaiting-transfer'
  | 'deleting'
  | 'error'
  | 'error-extending'
  | 'error-deleting'
  | 'error-restoring'
  | 'error-rolling-back'
  | 'unknown';

export interface CloudDisk {
  readonly cloudId: string;
  readonly name: string;
  readonly description: string;
  readonly status: CloudDiskStatus;
  /** The cloud's own word, shown to users as `cloud.status`. */
  readonly cloudStatus: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly availabilityZone: string;
  readonly bootable: boolean;
  readonly shareable: boolean;
  readonly encrypted: boolean;
  /** Absent: it can be written. */
  readonly readOnly?: true;
  readonly attachments: readonly { readonly serverId: string; readonly device: string | null }[];
  /** Without Strata's own reserved keys. */
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Our marker `<operation>.<attempt>`, if the disk carries one. */
  readonly marker: string | null;
  /** `partial`: it is missing where it belongs; `mixed`: another one stands in a second place. */
  readonly marks: 'whole' | 'partial' | 'mixed';
  /** RFC 3339. */
  readonly createdAt: string;
}

export interface NewCloudDisk {
  /** `<operation>.<attempt>`: written into metadata and a reserved tag, so that a lost answer can be looked up. */
  readonly marker: string;
  readonly name: string;
  readonly description: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly availabilityZone: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Absent: an empty disk. Type and zone must be those of the disk that the snapshot was taken from. */
  readonly source?: { readonly snapshotCloudId: string } | { readonly imageId: string };
  /** By several servers at a time; for ever. */
  readonly shareable?: true;
  /** With a key of the cloud's key service. Of empty disks only: others are as their source is. */
  readonly encryption?: { readonly keyId: string };
  /** Absent: VBD. Of empty disks only, too. */
  readonly deviceType?: 'scsi';
}

/** `null` removes a tag or a metadata key; absent leaves as it is. */
export interface CloudDiskChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
  readonly metadata?: Readonly<Record<string, string | null>> | undefined;
  /** Does not make a system disk of a data disk. */
  readonly bootable?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
}

export interface CloudQuota {
  /** Our dimensions: disks, gigabytes, disks:<type>, gigabytes:<type>, snapshots, per_disk_gigabytes. Absent = unlimited. */
  readonly dimensions: readonly {
    readonly dimension: string;
    readonly limit: number | 'unlimited';
    /** Used and reserved together. */
    readonly used: number;
  }[];
}

export interface CloudDiskType {
  readonly name: string;
  /** Zones where it is offered; null when the cloud does not say. */
  readonly availabilityZones: readonly string[] | null;
  readonly soldOutZones: readonly string[];
}

export interface CloudZone {
  readonly name: string;
  readonly available: boolean;
}

export interface CloudImage {
  /** The cloud's own. */
  readonly id: string;
  readonly name: string;
  /** A disk made of it is no smaller. */
  readonly minDiskGiB: number;
  /** Of the image itself; null when the cloud does not say. */
  readonly sizeBytes: number | null;
  /** As the cloud puts it: `Ubuntu 24.04 server 64bit`; null when it does not. */
  readonly os: string | null;
  readonly visibility: 'public' | 'private' | 'shared';
  /** Disks are made of active ones only. */
  readonly status: 'active' | 'pending' | 'error' | 'unknown';
  readonly purpose: 'system-disk' | 'data-disk' | 'bare-metal' | 'installation' | 'unknown';
  /** So is each disk made of it, with the same key. */
  readonly encrypted: boolean;
}

export type CloudImages =
  | { readonly offered: true; readonly images: readonly CloudImage[] }
  /** The kind of cloud has no service of images that we know, or the binding names none. */
  | { readonly offered: false; readonly fault: CloudFault };

export interface WriteOptions {
  /** Hard end of the request, in ms from now; on passing it the outcome is `unknown`. */
  readonly timeoutMs: number;
  /** Called right before the bytes of the write leave; returning false sends nothing (`not-now`, unavailable). Guards `sendBefore`. */
  readonly mayStillSend: () => boolean;
}

export abstract class DiskCloud {
  /** Null where the cloud offers none. */
  readonly snapshots: SnapshotCloud | null = null;
  /** Null where the cloud makes none of disks, or shows none. */
  readonly imageMaker: ImageCloud | null = null;
  /** Null where disks stay in the cloud project in which they are. */
  readonly transfers: TransferCloud | null = null;

  abstract createDisk(disk: NewCloudDisk, options: WriteOptions): Promise<Sent>;
  abstract extendDisk(cloudId: string, sizeGiB: number, options: WriteOptions): Promise<Sent>;
  /** It may take hours. A disk that has the type already is refused; while too many are being changed it is `not-now`. */
  abstract retypeDisk(cloudId: string, type: string, options: WriteOptions): Promise<Sent>;
  /** Idempotent in the cloud; several calls underneath. `accepted` when all were. */
  abstract changeDisk(cloudId: string, change: CloudDiskChange, options: WriteOptions): Promise<Sent>;
  /**
   * Writes our marker onto a disk that we did not make, in place of any other; the rest of it stays. `disk`: as it was just
   * looked at. May be repeated. `accepted` when it stands in the metadata, also where there is no room for the tag.
   */
  abstract markDisk(disk: CloudDisk, marker: string, options: WriteOptions): Promise<Sent>;
  abstract deleteDisk(cloudId: string, options: WriteOptions): Promise<Sent>;
  /** `device`: a wish that the server may answer with another name; null leaves it to the server. */
  abstract attachDisk(cloudId: string, serverId: string, device: string | null, options: WriteOptions): Promise<Sent>;
  abstract detachDisk(cloudId: string, serverId: string, options: WriteOptions): Promise<Sent>;

  abstract lookAtJob(jobId: string): Promise<JobLook>;
  /** null: the cloud says that it does not exist. */
  abstract findDisk(cloudId: string): Promise<CloudDisk | null>;
  /**
   * All disks that carry one of the markers: union of metadata filter, tag search and, failing both, the detail list newest
   * first back to `since`. An empty answer is not proof of absence before the binding's visibility bound has passed.
   */
  abstract findDisksByMarker(marker: string, since: Date): Promise<readonly CloudDisk[]>;
  /** Many at once, for economy: unknown ids are missing from the answer. */
  abstract findDisks(cloudIds: readonly string[]): Promise<readonly CloudDisk[]>;
  /** Every disk of the cloud project, newest first, in pages of a thousand at most; each page is one request. */
  abstract listDisks(pageSize?: number): AsyncIterable<readonly CloudDisk[]>;

  abstract quota(): Promise<CloudQuota>;
  abstract diskTypes(): Promise<readonly CloudDiskType[]>;
  abstract availabilityZones(): Promise<readonly CloudZone[]>;
  /** All that the cloud project may see. */
  abstract images(): Promise<CloudImages>;
  /** Logs in and reads something small: what `POST /bindings/{b}/check` shows. */
  abstract check(): Promise<{ readonly ok: true } | { readonly ok: false; readonly fault: CloudFault }>;
  abstract close(): Promise<void>;
}

/** A read got no usable answer: time-out, connection lost, 429, 5xx. Try later, inside the request budget. */
export class CloudSilent extends Error {
  override readonly name = 'CloudSilent';
  constructor(
    readonly fault: CloudFault,
    readonly why: 'throttled' | 'unavailable' | 'unauthenticated',
    readonly retryAfterMs: number | null,
    options?: ErrorOptions,
  ) {
    super(`${fault.code}: ${fault.message}`, options);
  }
}

export const markerOf = (operationId: string, attempt: number): string => `${operationId}.${attempt}`;
