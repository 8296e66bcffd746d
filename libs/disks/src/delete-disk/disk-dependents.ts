import type { LoadedStream } from '@strata/event-store';
import type { ProjectId, SnapshotId, StreamId } from '@strata/kernel';
import type { NewPart } from '@strata/operations';
import type { Work } from '../disk/index.js';

/** A step of the plan of a deletion. */
export interface DeletionStep {
  readonly action: 'delete';
  readonly type: 'snapshot' | 'disk';
  readonly id: string;
  readonly name: string;
  readonly sizeGiB: number;
}

export interface DeletionBlocker {
  readonly kind: 'operation' | 'disk' | 'snapshot';
  readonly id: string;
  readonly reason: string;
}

export type DependentDeletion =
  | { readonly accepted: true; readonly part: NewPart; readonly step: DeletionStep }
  | { readonly accepted: false; readonly blockers: readonly DeletionBlocker[] };

/** What lives of a disk beside it and goes before it: told by the feature that it belongs to. */
export abstract class DiskDependents {
  abstract streamOf(snapshotId: SnapshotId): StreamId;
  /** Decides its deletion as a part of an operation. */
  abstract deletionOf(projectId: ProjectId, loaded: LoadedStream, work: Work): DependentDeletion;
}
