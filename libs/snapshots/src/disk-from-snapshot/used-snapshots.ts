import { SnapshotSource, type SnapshotTaken, type SnapshotUse } from '@strata/disks';
import type { LoadedStream } from '@strata/event-store';
import type { OperationId, ProjectId, SnapshotId, StreamId } from '@strata/kernel';
import { decideSnapshot } from '../snapshot/index.js';
import { snapshotOf, snapshotStream } from '../snapshot/snapshot.stream.js';

/** A snapshot is in use from the acceptance of an operation to its end. */
export class UsedSnapshots extends SnapshotSource {
  streamOf(snapshotId: SnapshotId): StreamId {
    return snapshotStream(snapshotId);
  }

  use(
    loaded: LoadedStream,
    { projectId, operationId }: { readonly projectId: ProjectId; readonly operationId: OperationId },
    { diskId, spec: { sizeGiB, type, availabilityZone } }: SnapshotUse,
  ): SnapshotTaken {
    const snapshot = snapshotOf(loaded);
    if (snapshot.life !== 'absent' && snapshot.projectId !== projectId)
      return { accepted: false, refusal: { type: 'not-found' } };
    const wanted = { sizeGiB, type, availabilityZone };
    const decision = decideSnapshot({ type: 'RequestUse', operationId, diskId, wanted }, snapshot);
    if (!decision.accepted) {
      const { refusal } = decision;
      if (refusal.type === 'snapshot-in-use' || refusal.type === 'snapshot-stuck' || refusal.type === 'invalid-request')
        throw new Error(`what stands against a deletion or a change stands against a use: ${refusal.type}`);
      return { accepted: false, refusal };
    }
    if (snapshot.life !== 'in-cloud') throw new Error('a use was accepted of what is not in the cloud');
    const { stream, version: expectedVersion } = loaded;
    const append = { stream, projectId, expectedVersion, events: decision.events };
    return { accepted: true, cloudId: snapshot.cloudId, append };
  }
}
