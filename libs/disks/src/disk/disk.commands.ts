import type { BindingId, DiskId, ProjectId, SnapshotId, TransferId } from '@strata/kernel';
import type {
  DeletionLock,
  DiskChange,
  DiskFault,
  DiskSighting,
  DiskSpec,
  InheritedTraits,
  LeftInCloud,
  StateSeen,
  Work,
} from './disk.events.js';
import type { DiskAction } from './disk.status.js';

/** Largest data disk (EVS reference §8.5), in GiB; a binding may allow less (`per_disk_gigabytes`). */
export const LARGEST_DISK_GIB = 32_768;
export const SMALLEST_DISK_GIB = 10;

/** A system disk has 1 to so many GiB (EVS reference §8.5). */
export const LARGEST_SYSTEM_DISK_GIB = 1_024;

export type DiskCommand =
  | {
      readonly type: 'RequestDisk';
      readonly diskId: DiskId;
      readonly projectId: ProjectId;
      readonly bindingId: BindingId;
      readonly spec: DiskSpec;
      /** Absent: it can be attached. */
      readonly attachable?: false;
      readonly work: Work;
    }
  /** `spec`: as a sweep saw the disk `cloudId`, which is there already. */
  | {
      readonly type: 'RequestAdoption';
      readonly diskId: DiskId;
      readonly projectId: ProjectId;
      readonly bindingId: BindingId;
      readonly cloudId: string;
      readonly spec: DiskSpec;
      readonly attachable?: false;
      readonly work: Work;
    }
  | { readonly type: 'RequestAgain'; readonly work: Work }
  | { readonly type: 'RequestChange'; readonly change: DiskChange; readonly work: Work }
  | { readonly type: 'RequestExtension'; readonly sizeGiB: number; readonly work: Work }
  | { readonly type: 'RequestRetype'; readonly diskType: string; readonly work: Work }
  | {
      readonly type: 'RequestAttachment';
      readonly serverId: string;
      /** Null: the server chooses. */
      readonly device: string | null;
      readonly work: Work;
    }
  | { readonly type: 'RequestDetachment'; readonly serverId: string; readonly work: Work }
  | { readonly type: 'RequestSnapshot'; readonly snapshotId: SnapshotId; readonly work: Work }
  | { readonly type: 'RequestSnapshotDeletion'; readonly snapshotId: SnapshotId }
  | { readonly type: 'RequestRollback'; readonly snapshotId: SnapshotId; readonly work: Work }
  | { readonly type: 'RequestOffer'; readonly transferId: TransferId }
  | { readonly type: 'EndOffer'; readonly transferId: TransferId }
  /** The cloud is to bring it into another cloud project, for a project whose disks lie there. */
  | { readonly type: 'BeginHandover'; readonly transferId: TransferId; readonly work: Work }
  /** It was seen there. */
  | {
      readonly type: 'CompleteHandover';
      readonly operationId: Work['operationId'];
      readonly projectId: ProjectId;
      readonly bindingId: BindingId;
      /** RFC 3339 with milliseconds: when the disk was requested. */
      readonly madeAt: string;
    }
  /** Into another project on the same cloud project, at once. */
  | {
      readonly type: 'Receive';
      readonly transferId: TransferId;
      readonly projectId: ProjectId;
      readonly bindingId: BindingId;
      readonly operationId: Work['operationId'];
      /** RFC 3339 with milliseconds: when the disk was requested. */
      readonly madeAt: string;
    }
  | { readonly type: 'RequestImage'; readonly name: string; readonly work: Work }
  /** `snapshots`: those of its snapshots whose deletion goes before its own. */
  | {
      readonly type: 'RequestDeletion';
      readonly snapshots?: readonly SnapshotId[];
      /** Nothing is asked of the cloud before; absent: at once. */
      readonly notBefore?: string | undefined;
      readonly work: Work;
    }
  | { readonly type: 'LockDeletion'; readonly lock: DeletionLock }
  | { readonly type: 'UnlockDeletion' }
  | { readonly type: 'RequestRefresh'; readonly work: Work }
  | { readonly type: 'RequestRecreation'; readonly work: Work }
  | {
      readonly type: 'RecordProvisioned';
      readonly operationId: string;
      readonly cloudId: string;
      readonly inherited?: InheritedTraits | undefined;
    }
  | {
      readonly type: 'RecordCreationFailed';
      readonly operationId: string;
      readonly fault: DiskFault;
      readonly cloudId: string | null;
    }
  | { readonly type: 'RecordAdopted'; readonly operationId: string; readonly sighting: DiskSighting }
  | { readonly type: 'RecordChanged'; readonly operationId: string; readonly change: DiskChange }
  | { readonly type: 'RecordExtended'; readonly operationId: string; readonly sizeGiB: number }
  | { readonly type: 'RecordRetyped'; readonly operationId: string }
  | {
      readonly type: 'RecordAttached';
      readonly operationId: string;
      readonly serverId: string;
      readonly device: string | null;
    }
  | { readonly type: 'RecordDetached'; readonly operationId: string; readonly serverId: string }
  /** In the cloud, whole or broken. */
  | { readonly type: 'RecordSnapshotKept'; readonly operationId: string; readonly snapshotId: SnapshotId }
  /** `stuck`: the cloud could not delete it, and only its vendor can mend that. */
  | { readonly type: 'RecordSnapshotStayed'; readonly snapshotId: SnapshotId; readonly stuck: boolean }
  /** Whoever removed it: its absence was observed. */
  | { readonly type: 'RecordSnapshotRemoved'; readonly snapshotId: SnapshotId }
  /** It is there: again, perhaps, or `stuck`, or so no more. */
  | { readonly type: 'RecordSnapshotFound'; readonly snapshotId: SnapshotId; readonly stuck: boolean }
  /** One that Strata did not make is in the cloud, or is not there any more. */
  | { readonly type: 'RecordForeignSnapshot'; readonly cloudId: string; readonly there: boolean }
  | { readonly type: 'RecordRolledBack'; readonly operationId: string }
  | {
      readonly type: 'RecordRollbackFailed';
      readonly operationId: string;
      readonly fault: DiskFault;
      readonly left: 'as-it-was' | 'broken' | 'unknown';
      readonly seen?: StateSeen;
    }
  | { readonly type: 'RecordImageMade'; readonly operationId: string; readonly imageId: string }
  | { readonly type: 'RecordDeleted'; readonly operationId: string }
  /**
   * The work came to nothing; `broken` when the cloud left the disk unusable, or a retype may still be under way. `seen`: as what
   * the cloud showed the broken one.
   */
  | {
      readonly type: 'RecordFailed';
      readonly operationId: string;
      readonly fault: DiskFault;
      readonly broken: boolean;
      readonly seen?: StateSeen;
    }
  /** At the deadline of the work the cloud was at it still. */
  | {
      readonly type: 'RecordQuarantined';
      readonly operationId: string;
      readonly fault: DiskFault;
      readonly left: LeftInCloud;
    }
  /** `operationId` of the refresh that looked, or null when a sweep did. */
  | { readonly type: 'RecordSeen'; readonly operationId: string | null; readonly sighting: DiskSighting | null };

export type DiskRefusal =
  | { readonly type: 'not-found' }
  | {
      readonly type: 'disk-busy';
      readonly blockers: readonly {
        readonly kind: 'operation' | 'transfer';
        readonly id: string;
        readonly reason: string;
      }[];
    }
  /** What the cloud hands over to no other project; each reason is a blocker. */
  | {
      readonly type: 'disk-not-transferable';
      readonly blockers: readonly { readonly kind: 'disk'; readonly id: string; readonly reason: string }[];
    }
  | {
      readonly type: 'disk-attached';
      readonly blockers: readonly { readonly kind: 'server'; readonly id: string; readonly reason: string }[];
    }
  | {
      readonly type: 'has-snapshots';
      readonly blockers: readonly { readonly kind: 'snapshot'; readonly id: string; readonly reason: string }[];
      /** Those of them that Strata did not make, and deletes neither by itself nor with the disk. Absent: none. */
      readonly foreign?: readonly { readonly kind: 'snapshot'; readonly id: string; readonly reason: string }[];
    }
  | {
      readonly type: 'snapshot-leaving' | 'snapshot-stuck';
      readonly blockers: readonly { readonly kind: 'snapshot'; readonly id: string; readonly reason: string }[];
    }
  | {
      readonly type: 'deletion-locked';
      readonly blockers: readonly { readonly kind: 'actor'; readonly id: string; readonly reason: string }[];
    }
  | { readonly type: 'too-many-snapshots'; readonly most: number }
  /** An empty one would take its place. */
  | { readonly type: 'made-from-source' }
  /** Its cloud has no servers for it. */
  | { readonly type: 'attach-not-offered' }
  | { readonly type: 'already-attached'; readonly serverId: string; readonly device: string | null }
  | { readonly type: 'not-attached'; readonly serverId: string }
  /** A shareable disk can be attached to so many servers at most. */
  | { readonly type: 'too-many-servers'; readonly most: number }
  | { readonly type: 'size-not-larger'; readonly sizeGiB: number; readonly requestedGiB: number }
  | { readonly type: 'disk-too-large'; readonly requestedGiB: number; readonly largestGiB: number }
  | { readonly type: 'disk-type-unchanged'; readonly diskType: string }
  /** Its state does not allow it; `allowed` says what it does allow. */
  | { readonly type: 'disk-not-ready'; readonly diskStatus: string; readonly allowed: readonly DiskAction[] }
  /** It adds keys that the cloud may take for others that are there. */
  | {
      readonly type: 'invalid-request';
      readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
    }
  | { readonly type: 'too-many-tags'; readonly most: number }
  | { readonly type: 'metadata-too-large'; readonly bytes: number; readonly mostBytes: number };

/** Servers that a shareable disk can be attached to at a time (EVS reference §1.6, §8.5); any other disk to one. */
export const MOST_SERVERS = 16;

/** Of one disk, those that users make (EVS reference §1.7). */
export const MOST_SNAPSHOTS = 7;

/** Nine for users: the tenth of the cloud's ten per disk (EVS reference §8.5) carries Strata's marker. */
export const MOST_TAGS = 9;

/** All keys and values of a disk's metadata together (EVS reference §1.4: EVS.1005). */
export const MOST_METADATA_BYTES = 1_048_575;
