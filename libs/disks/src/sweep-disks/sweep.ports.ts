import type { CloudDisk, DiskCloud } from '@strata/cloud';
import type { EventStore } from '@strata/event-store';
import type { DiskId, ProjectId } from '@strata/kernel';
import type { Sighting } from '../finding/index.js';

/** A disk of the log that is in the cloud, as the view shows it: may lag behind, so that nothing is concluded from it alone. */
export interface SweptDisk {
  readonly diskId: DiskId;
  readonly projectId: ProjectId;
  readonly bindingId: string;
  readonly cloudId: string;
  readonly busy: boolean;
  /** Only a look settles it, whatever a list says: it was missing, or what its extension came to is undecided. */
  readonly doubtful: boolean;
  /** The operation whose marker it carries; null where the view does not know. */
  readonly madeBy: string | null;
  readonly name: string;
  readonly description: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly cloudStatus: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly traits: Pick<CloudDisk, 'bootable' | 'shareable' | 'encrypted' | 'readOnly' | 'attachments'>;
}

/** A finding that is not resolved, as the view shows it. */
export interface SweptFinding extends Sighting {
  readonly resource: 'disk' | 'snapshot';
  readonly cloudId: string;
  readonly projectId: ProjectId | null;
  readonly diskId: DiskId | null;
  /** RFC 3339; null while it is open. */
  readonly ignoredUntil: string | null;
  /** RFC 3339; null while no removal waits for approvals. */
  readonly removalExpiresAt: string | null;
}

export interface SweepPorts {
  readonly store: EventStore;
  readonly cloud: DiskCloud;
  /** Every disk of the binding that is in the cloud, in pages. */
  readonly disksOf: (bindingId: string) => AsyncIterable<readonly SweptDisk[]>;
  /** Disks that the log knows under these ids of the cloud, in whatever binding. */
  readonly disksByCloudId: (cloudIds: readonly string[]) => Promise<readonly SweptDisk[]>;
  /** Every finding of the binding that is not resolved, in pages. */
  readonly findingsOf: (bindingId: string) => AsyncIterable<readonly SweptFinding[]>;
  /** Waits for a place in the request budget. */
  readonly budget: () => Promise<void>;
  /** Hard end of a request, in ms. */
  readonly requestTimeoutMs: number;
  /** As long may a list be behind what the log knows, in ms; absent: it is not. */
  readonly visibilityMs?: number;
  /** RFC 3339: when what was ignored for a time is shown again. */
  readonly now: () => string;
  /** RFC 3339: when the last sweep over all of the binding that ended had begun; null or absent: not known. */
  readonly sweptAt?: (bindingId: string) => Promise<string | null>;
}

/**
 * `all`: the whole list of the cloud; `hot`: only disks of the binding that are likely to be other than the log says (changed
 * lately, not at rest, or named here), by their ids. They come in pages, and have an end.
 */
export type Round = 'all' | { readonly hot: (withFindings: readonly DiskId[]) => AsyncIterable<readonly SweptDisk[]> };

/** What one sweep came to, of disks or of snapshots. */
export type SweptFigures = {
  readonly inCloud: number;
  readonly known: number;
  /** In the cloud, without a marker of ours: somebody else's, left alone. */
  readonly unknown: number;
  readonly changed: number;
  readonly missing: number;
  readonly surplusRemoved: number;
  /** Markers of ours that were lost and written back. */
  readonly repaired: number;
  /** That are not resolved, as this sweep leaves them. */
  readonly findings: number;
};

/** Figures of disks, `findings` of both. */
export type SweepReport = SweptFigures & {
  /** Null: the cloud offers none, or they were not looked at. */
  readonly snapshots: SweptFigures | null;
};
