import type { WorkOutcome } from './volume.js';

/** EVS reference §2.2. */
export const SNAPSHOT_STATUSES = [
  'creating',
  'available',
  'error',
  'deleting',
  'error_deleting',
  'rollbacking',
  'backing-up',
] as const;
export type SnapshotStatus = (typeof SNAPSHOT_STATUSES)[number];

/** What the cloud is doing with a snapshot. `endMs` null: it never ends. */
export interface SnapshotTransition {
  readonly kind: 'create' | 'delete' | 'rollback';
  readonly endMs: number | null;
  readonly outcome: WorkOutcome;
}

/** A snapshot as the simulated cloud knows it. Never changed in place. */
export interface Snapshot {
  readonly id: string;
  readonly projectId: string;
  readonly volumeId: string;
  /** Order of creation, disks included. */
  readonly seq: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: SnapshotStatus;
  /** GB of its disk when it was taken; later extensions do not change it. */
  readonly size: number;
  /** Of its disk when it was taken: on this type it counts against the quota. */
  readonly volumeType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdMicros: number;
  readonly updatedMicros: number | null;
  readonly transition: SnapshotTransition | null;
}

/** Names that the backup service gives to its own snapshots (EVS reference §1.4, §1.7). */
const systemPrefixes = ['autobk_snapshot_', 'manualbk_snapshot_'];

/** Made by a person or a program of the tenant, not by the backup service: only these count against the seven of a disk. */
export const isManual = ({ name }: Snapshot): boolean =>
  !systemPrefixes.some((prefix) => name?.startsWith(prefix) ?? false);

/** The snapshot after its transition has ended, or null when it is gone. A failed rollback harms the disk, not the snapshot. */
export const settledSnapshot = (
  snapshot: Snapshot,
  { kind, outcome }: SnapshotTransition,
  endMs: number,
): Snapshot | null => {
  const done = { ...snapshot, transition: null, updatedMicros: endMs * 1_000 + (snapshot.seq % 1_000) };
  const failed = outcome.type === 'failure' ? outcome : null;
  switch (kind) {
    case 'create':
      if (failed?.leaveNothing) return null;
      return { ...done, status: failed ? 'error' : 'available' };
    case 'delete':
      return failed ? { ...done, status: 'error_deleting' } : null;
    case 'rollback':
      return { ...done, status: 'available' };
  }
};
