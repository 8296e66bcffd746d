import type { LoadedStream, StreamAppend } from '@strata/event-store';
import type { DiskId, OperationId, ProjectId, SnapshotId, StreamId } from '@strata/kernel';
import type { DiskSpec } from '../disk/index.js';

/** A disk that is to be made of a snapshot. */
export interface SnapshotUse {
  readonly diskId: DiskId;
  readonly spec: Pick<DiskSpec, 'sizeGiB' | 'type' | 'availabilityZone'>;
}

interface Blocker {
  readonly kind: 'operation';
  readonly id: string;
  readonly reason: string;
}

export type SnapshotSourceRefusal =
  | { readonly type: 'not-found' }
  | { readonly type: 'snapshot-busy'; readonly blockers: readonly Blocker[] }
  | { readonly type: 'snapshot-not-ready'; readonly snapshotStatus: string; readonly allowed: readonly string[] }
  | {
      readonly type: 'snapshot-does-not-fit';
      readonly leastGiB: number;
      readonly diskType: string;
      readonly availabilityZone: string;
      readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
    };

export type SnapshotTaken =
  /** `cloudId`: of the snapshot. `append`: that it is in use until the operation has ended. */
  | { readonly accepted: true; readonly cloudId: string; readonly append: StreamAppend }
  | { readonly accepted: false; readonly refusal: SnapshotSourceRefusal };

/**
 * Snapshots as what disks are made of. They belong to a feature that knows disks; disks ask for them through this port. That
 * feature also ends the use together with the operation.
 */
export abstract class SnapshotSource {
  abstract streamOf(snapshotId: SnapshotId): StreamId;
  /** `operationId`: of the operation that users see, whose end is the end of the use. */
  abstract use(
    snapshot: LoadedStream,
    operation: { readonly projectId: ProjectId; readonly operationId: OperationId },
    disk: SnapshotUse,
  ): SnapshotTaken;
}
