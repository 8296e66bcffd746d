import { markerOf, type CloudSnapshot } from '@strata/cloud';
import { everything, type LoadedStream } from '@strata/event-store';
import { type DiskId, OperationId, type SnapshotId, type ProjectId } from '@strata/kernel';
import { historyOf, isOpen } from '@strata/operations';
import { snapshotOf, snapshotStream } from '../snapshot/snapshot.stream.js';
import type { SnapshotSweepPorts } from './snapshot-sweep.ports.js';

/** What a snapshot with a marker is that the view does not know. */
export type MarkedSnapshot =
  /** Its operation adopted it, or works still: nothing to say before that has ended. */
  | { readonly is: 'ours' }
  | { readonly is: 'foreign' }
  /** The log has it as deleted. */
  | DeletedSnapshot
  /** No snapshot of the log is it, and its operation has ended. */
  | {
      readonly is: 'surplus';
      readonly projectId: ProjectId;
      readonly diskId: DiskId;
      readonly snapshotId: SnapshotId;
    };

export interface DeletedSnapshot {
  readonly is: 'deleted';
  /** In which it was. */
  readonly projectId: ProjectId;
  readonly snapshotId: SnapshotId;
  /** RFC 3339. */
  readonly deletedAt: string;
}

/** Told by the log alone. */
export const markedSnapshotOf = async (
  { store }: SnapshotSweepPorts,
  { cloudId, marker }: CloudSnapshot,
): Promise<MarkedSnapshot> => {
  const operationId = OperationId.safeParse(marker?.split('.')[0]);
  if (!operationId.success) return { is: 'foreign' };
  const [stream] = (await store.load({ sight: everything, streams: [`operation-${operationId.data}`] })).streams;
  if (stream === undefined || stream.version === 0) return { is: 'foreign' };
  const { operation } = historyOf(stream);
  if (operation.status === 'absent' || isOpen(operation) || operation.target.type !== 'snapshot') return { is: 'ours' };
  const { target, projectId } = operation;
  const [own] = (await store.load({ sight: everything, streams: [snapshotStream(target.id)] })).streams;
  const snapshot = own && snapshotOf(own);
  if (own === undefined || snapshot === undefined || snapshot.life === 'absent') return { is: 'ours' };
  if (snapshot.life !== 'deleted' && snapshot.open !== null) return { is: 'ours' };
  if (isAdopted(own, cloudId)) return deletionOf(own, snapshot.snapshotId) ?? { is: 'ours' };
  return { is: 'surplus', projectId, diskId: snapshot.diskId, snapshotId: snapshot.snapshotId };
};

/** Ever, not only now: what a snapshot once was is never surplus, also where its own deletion did not remove it. */
const isAdopted = ({ events }: LoadedStream, cloudId: string): boolean =>
  events.some(({ data }) => data['cloudId'] === cloudId);

/** Of a snapshot that is deleted: nothing follows on that. */
const deletionOf = ({ events }: LoadedStream, snapshotId: SnapshotId): DeletedSnapshot | undefined => {
  const deletion = events.findLast(({ type }) => type === 'SnapshotDeleted');
  return deletion && { is: 'deleted', projectId: deletion.projectId, snapshotId, deletedAt: deletion.recordedAt };
};

/** States in which the cloud accepts a deletion (EVS reference §2.2). */
const removable = new Set<CloudSnapshot['status']>(['available', 'error']);

/** A snapshot with a marker of ours that its operation did not adopt. `gone`: somebody else was quicker. */
export const removeSurplusSnapshot = async (
  ports: SnapshotSweepPorts,
  { cloudId, marker }: CloudSnapshot,
): Promise<'removed' | 'left' | 'gone'> => {
  await ports.budget();
  const now = await ports.snapshots.findSnapshot(cloudId);
  if (now === null) return 'gone';
  if (now.marker !== marker || !removable.has(now.status)) return 'left';
  await ports.budget();
  const options = { timeoutMs: ports.requestTimeoutMs, mayStillSend: () => true };
  return (await ports.snapshots.deleteSnapshot(cloudId, options)).outcome === 'accepted' ? 'removed' : 'left';
};

/** Writes the marker back that a snapshot of ours has lost. False when it is lost still. */
export const restoreSnapshotMarker = async (
  ports: SnapshotSweepPorts,
  snapshotId: SnapshotId,
  { cloudId }: CloudSnapshot,
): Promise<boolean> => {
  const marker = await ownMarker(ports, snapshotId);
  if (marker === undefined) return false;
  await ports.budget();
  const options = { timeoutMs: ports.requestTimeoutMs, mayStillSend: () => true };
  return (await ports.snapshots.markSnapshot(cloudId, marker, options)).outcome === 'accepted';
};

/** Of the attempt that the cloud took. */
const ownMarker = async ({ store }: SnapshotSweepPorts, snapshotId: SnapshotId): Promise<string | undefined> => {
  const [loaded] = (await store.load({ sight: everything, streams: [snapshotStream(snapshotId)] })).streams;
  const snapshot = loaded && snapshotOf(loaded);
  if (snapshot?.life !== 'in-cloud' || snapshot.madeBy === undefined) return undefined;
  const [operation] = (await store.load({ sight: everything, streams: [`operation-${snapshot.madeBy}`] })).streams;
  if (operation === undefined || operation.version === 0) return undefined;
  const taken = historyOf(operation).events.findLast(({ type }) => type === 'SendAccepted');
  return taken?.type === 'SendAccepted' ? markerOf(snapshot.madeBy, taken.data.attempt) : undefined;
};
