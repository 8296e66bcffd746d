import type { Sent, WriteOptions } from './disk-cloud.js';

/** Our words for the states of a snapshot in the cloud; `unknown` for words that we do not know, never a crash. */
export type CloudSnapshotStatus =
  'creating' | 'available' | 'rolling-back' | 'backing-up' | 'deleting' | 'error' | 'error-deleting' | 'unknown';

export interface CloudSnapshot {
  readonly cloudId: string;
  /** The disk that it was taken from. */
  readonly cloudDiskId: string;
  readonly name: string;
  readonly description: string;
  readonly status: CloudSnapshotStatus;
  /** The cloud's own word, shown to users as `cloud.status`. */
  readonly cloudStatus: string;
  /** Of its disk when it was taken. */
  readonly sizeGiB: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Our marker `<operation>.<attempt>`, if the snapshot carries one. */
  readonly marker: string | null;
  /** RFC 3339. */
  readonly createdAt: string;
}

export interface NewCloudSnapshot {
  /** `<operation>.<attempt>`: written into the metadata, so that a lost answer can be looked up. */
  readonly marker: string;
  readonly cloudDiskId: string;
  readonly name: string;
  readonly description: string;
  /** Also while the disk is attached. */
  readonly force: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** `null` removes a metadata key; absent leaves as it is. */
export interface CloudSnapshotChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Readonly<Record<string, string | null>> | undefined;
}

/**
 * What we need of a cloud's snapshots; outcomes and silence are as with `DiskCloud`. There are no jobs: accepted work is
 * followed by the status of the snapshot, a rollback by that of the disk.
 */
export abstract class SnapshotCloud {
  abstract createSnapshot(snapshot: NewCloudSnapshot, options: WriteOptions): Promise<Sent>;
  /** Idempotent in the cloud; several calls underneath. `accepted` when all were. */
  abstract changeSnapshot(cloudId: string, change: CloudSnapshotChange, options: WriteOptions): Promise<Sent>;
  /** Writes our marker onto it, in place of any other; the rest of it stays. May be repeated. */
  abstract markSnapshot(cloudId: string, marker: string, options: WriteOptions): Promise<Sent>;
  abstract deleteSnapshot(cloudId: string, options: WriteOptions): Promise<Sent>;
  /** Destroys what was written to the disk since. `cloudDiskId` must be the snapshot's own disk. */
  abstract rollBack(cloudId: string, cloudDiskId: string, options: WriteOptions): Promise<Sent>;

  /** null: the cloud says that it does not exist. */
  abstract findSnapshot(cloudId: string): Promise<CloudSnapshot | null>;
  /** Many at once, for economy: unknown ids are missing from the answer. */
  abstract findSnapshots(cloudIds: readonly string[]): Promise<readonly CloudSnapshot[]>;
  /** All of one disk, newest first. */
  abstract findSnapshotsOfDisk(cloudDiskId: string): Promise<readonly CloudSnapshot[]>;
  /** Those of the disk that carry the marker. An empty answer is not proof of absence before the binding's visibility bound has passed. */
  abstract findSnapshotsByMarker(marker: string, cloudDiskId: string): Promise<readonly CloudSnapshot[]>;
  /** Every snapshot of the cloud project, newest first, in pages; for the sweep. */
  abstract listSnapshots(): AsyncIterable<readonly CloudSnapshot[]>;
}
