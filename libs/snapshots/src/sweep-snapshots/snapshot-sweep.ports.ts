import type { SnapshotCloud } from '@strata/cloud';
import type { SweptFinding } from '@strata/disks';
import type { EventStore } from '@strata/event-store';
import type { DiskId, ProjectId, SnapshotId } from '@strata/kernel';
import type { SnapshotSighting } from '../snapshot/index.js';

/** A snapshot of the log that is, or was, in the cloud, as the view shows it: may lag behind. */
export interface SweptSnapshot extends SnapshotSighting {
  readonly snapshotId: SnapshotId;
  readonly diskId: DiskId;
  readonly projectId: ProjectId;
  readonly cloudStatus: string;
  readonly busy: boolean;
  /** It was found missing. */
  readonly lost: boolean;
  /** The operation whose marker it carries; null where the view does not know. */
  readonly madeBy: string | null;
}

/** Which disk of the log a disk of the cloud is. */
export interface DiskOfLog {
  readonly cloudId: string;
  readonly diskId: DiskId;
  readonly projectId: ProjectId;
}

export interface SnapshotSweepPorts {
  readonly store: EventStore;
  readonly snapshots: SnapshotCloud;
  /** Every snapshot of the binding that is in the cloud or was lost there, in pages. */
  readonly snapshotsOf: (bindingId: string) => AsyncIterable<readonly SweptSnapshot[]>;
  readonly findingsOf: (bindingId: string) => AsyncIterable<readonly SweptFinding[]>;
  readonly disksByCloudId: (bindingId: string, cloudIds: readonly string[]) => Promise<readonly DiskOfLog[]>;
  /** Waits for a place in the request budget. */
  readonly budget: () => Promise<void>;
  /** Hard end of a request, in ms. */
  readonly requestTimeoutMs: number;
  /** As long may a list be behind what the log knows, in ms; absent: it is not. */
  readonly visibilityMs?: number;
  /** RFC 3339. */
  readonly now: () => string;
  /** RFC 3339: when the last sweep over all of the binding ended; null or absent: not known. */
  readonly sweptAt?: (bindingId: string) => Promise<string | null>;
}
