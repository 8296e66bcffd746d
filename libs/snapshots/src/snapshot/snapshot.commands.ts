import type { BindingId, DiskId, OperationId, ProjectId, SnapshotId } from '@strata/kernel';
import type {
  Extent,
  SnapshotChange,
  SnapshotFault,
  SnapshotSighting,
  SnapshotSpec,
  SnapshotWork,
} from './snapshot.events.js';
import type { SnapshotAction } from './snapshot.status.js';

export type SnapshotCommand =
  | {
      readonly type: 'RequestSnapshot';
      readonly snapshotId: SnapshotId;
      readonly projectId: ProjectId;
      readonly bindingId: BindingId;
      readonly diskId: DiskId;
      readonly spec: SnapshotSpec;
      readonly extent: Extent;
      readonly work: SnapshotWork;
    }
  | { readonly type: 'RequestAgain'; readonly extent: Extent; readonly work: SnapshotWork }
  | { readonly type: 'RequestChange'; readonly change: SnapshotChange; readonly work: SnapshotWork }
  | { readonly type: 'RequestDeletion'; readonly work: SnapshotWork }
  | { readonly type: 'RequestRollback'; readonly work: SnapshotWork }
  /** A disk is to be made from it. */
  | {
      readonly type: 'RequestUse';
      readonly operationId: OperationId;
      readonly diskId: DiskId;
      readonly wanted: Extent;
    }
  | { readonly type: 'RecordTaken'; readonly operationId: string; readonly cloudId: string }
  | {
      readonly type: 'RecordCreationFailed';
      readonly operationId: string;
      readonly fault: SnapshotFault;
      readonly cloudId: string | null;
    }
  | { readonly type: 'RecordChanged'; readonly operationId: string; readonly change: SnapshotChange }
  | { readonly type: 'RecordDeleted'; readonly operationId: string }
  | { readonly type: 'RecordRolledBack'; readonly operationId: string }
  /** The work came to nothing; `broken` when the cloud left the snapshot unusable, in a state that it calls `cloudStatus`. */
  | {
      readonly type: 'RecordFailed';
      readonly operationId: string;
      readonly fault: SnapshotFault;
      readonly broken: boolean;
      readonly cloudStatus?: string;
    }
  /** The disk is there, or nothing came of it. */
  | { readonly type: 'RecordUseEnded'; readonly operationId: string }
  /** A sweep looked. */
  | { readonly type: 'RecordSeen'; readonly sighting: SnapshotSighting | null };

interface Blocker<Kind extends string> {
  readonly kind: Kind;
  readonly id: string;
  readonly reason: string;
}

export type SnapshotRefusal =
  | { readonly type: 'not-found' }
  | { readonly type: 'snapshot-busy'; readonly blockers: readonly Blocker<'operation'>[] }
  /** Its state does not allow it; `allowed` says what it does allow. */
  | {
      readonly type: 'snapshot-not-ready';
      readonly snapshotStatus: string;
      readonly allowed: readonly SnapshotAction[];
    }
  /** It adds keys that the cloud may take for others that are there. */
  | {
      readonly type: 'invalid-request';
      readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
    }
  /** Only the vendor of the cloud can mend it. */
  | { readonly type: 'snapshot-stuck'; readonly blockers: readonly Blocker<'snapshot'>[] }
  | { readonly type: 'snapshot-in-use'; readonly blockers: readonly Blocker<'disk'>[] }
  /** As a member of a problem, where `type` is the problem's own. */
  | {
      readonly type: 'snapshot-does-not-fit';
      readonly leastGiB: number;
      readonly diskType: string;
      readonly availabilityZone: string;
      readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
    };
