import { DiskDependents, type DeletionBlocker, type DependentDeletion } from '@strata/disks';
import type { LoadedStream } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';
import { appendTo, partOf } from '../command-snapshot.js';
import { decideSnapshot, isPresent, type SnapshotRefusal, type SnapshotWork } from '../snapshot/index.js';
import { snapshotOf, snapshotStream } from '../snapshot/snapshot.stream.js';

/** Snapshots go before their disk. */
export class SnapshotsOfDisk extends DiskDependents {
  override readonly streamOf = snapshotStream;

  override deletionOf(projectId: ProjectId, loaded: LoadedStream, work: SnapshotWork): DependentDeletion {
    const snapshot = snapshotOf(loaded);
    const decision = decideSnapshot({ type: 'RequestDeletion', work }, snapshot);
    if (!decision.accepted) return { accepted: false, blockers: blockersOf(decision.refusal, loaded) };
    if (!isPresent(snapshot)) throw new Error('the deletion of what is not there was accepted');
    const { snapshotId: id, name, extent } = snapshot;
    const part = partOf(snapshot, work.operationId, decision.events);
    const resources = [appendTo(loaded, projectId, decision.events)];
    return {
      accepted: true,
      part: { ...part, kind: 'snapshot.delete', resources },
      step: { action: 'delete', type: 'snapshot', id, name, sizeGiB: extent.sizeGiB },
    };
  }
}

/** Whatever names none is about the snapshot itself. */
const blockersOf = (refusal: SnapshotRefusal, { stream }: LoadedStream): readonly DeletionBlocker[] => {
  if ('blockers' in refusal) return refusal.blockers;
  const reason = refusal.type === 'not-found' ? 'is not there any more' : 'cannot be deleted as it is';
  return [{ kind: 'snapshot', id: stream.slice(snapshotStream('').length), reason }];
};
