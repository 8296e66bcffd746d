import type { BindingId, Dimension, Figures, Limit, ProjectId } from '@strata/kernel';
import type { Sight } from './event-store.js';

/** One dimension at one node of a project's path; `distance` 0 is the project itself, the binding comes last. */
export interface LevelFigures extends Figures {
  readonly node: string;
  readonly nodeKind: 'project' | 'binding';
  readonly distance: number;
  /** Whether the reader's sight covers this node. */
  readonly visible: boolean;
  readonly dimension: Dimension;
  readonly limit: Limit;
}

export interface DimensionFigures extends Figures {
  readonly dimension: Dimension;
}

/** The figures of a node after the append that ends at `position`. */
export interface LedgerEntry {
  readonly position: number;
  readonly recordedAt: string;
  readonly figures: readonly DimensionFigures[];
}

/** The ledger beside what the log adds up to. They are equal, or the ledger is broken. */
export interface Recounted {
  readonly node: string;
  readonly dimension: Dimension;
  readonly ledger: Figures;
  readonly log: Figures;
}

export interface Recount {
  /** Both sides are of this position. */
  readonly position: number;
  readonly nodes: number;
  readonly differences: readonly Recounted[];
}

/** Quota as the lane keeps it, for reading. */
export abstract class QuotaLedger {
  /**
   * Every dimension with a limit or a figure at every node of the path, nearest node first. Nodes that the sight does not cover are
   * included and marked: what is shown of them is the caller's decision. Empty when the project is absent or not visible.
   */
  abstract figures(request: {
    readonly sight: Sight;
    readonly projectId: ProjectId;
    readonly upTo?: number | undefined;
  }): Promise<readonly LevelFigures[]>;

  /** The same for the process itself, which decides. */
  abstract path(projectId: ProjectId, upTo?: number): Promise<readonly LevelFigures[]>;

  /** The least limit of one dimension on the whole path; `unlimited` also for a project that is not there. */
  abstract leastLimit(projectId: ProjectId, dimension: Dimension): Promise<Limit>;

  /** Newest first; `before` exclusive. Empty when the node is not visible. */
  abstract history(request: {
    readonly sight: Sight;
    readonly node: ProjectId | BindingId;
    readonly before?: number | undefined;
    readonly limit: number;
  }): Promise<readonly LedgerEntry[]>;

  /** Recounts one node from the log; every dimension, also where both agree. */
  abstract proof(request: { readonly node: ProjectId | BindingId; readonly upTo?: number | undefined }): Promise<{
    readonly position: number;
    readonly dimensions: readonly Recounted[];
  }>;

  /** Recounts every node from the whole log, in chunks: `quota verify`. */
  abstract recount(upTo?: number): Promise<Recount>;
}
