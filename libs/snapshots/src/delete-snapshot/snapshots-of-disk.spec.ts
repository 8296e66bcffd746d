import type { RecordedEvent } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import {
  deleting,
  diskId,
  later,
  other,
  projectId,
  requested,
  snapshotId,
  taken,
  whole,
} from '../contract/snapshot-story.js';
import { snapshotEvent, type SnapshotEvent } from '../snapshot/index.js';
import { snapshotStream } from '../snapshot/snapshot.stream.js';
import { SnapshotsOfDisk } from './snapshots-of-disk.js';

const deletionAfter = (...past: readonly SnapshotEvent[]) => {
  const events = past as unknown as readonly RecordedEvent[];
  const loaded = { stream: snapshotStream(snapshotId), version: past.length, events };
  return new SnapshotsOfDisk().deletionOf(projectId, loaded, { operationId: other, shownAs: other });
};

describe('the deletion of a snapshot before its disk', () => {
  it('is a part of it', () => {
    expect(deletionAfter(requested, taken)).toMatchObject({
      accepted: true,
      part: { kind: 'snapshot.delete', operationId: other },
      step: { id: snapshotId, sizeGiB: 40 },
    });
  });

  it('is stood against by what works on it, or is made from it', () => {
    const used = snapshotEvent('SnapshotUsed', { operationId: other, diskId });
    expect(deletionAfter(requested, taken, deleting)).toMatchObject({ blockers: [{ kind: 'operation', id: later }] });
    expect(deletionAfter(requested, taken, used)).toMatchObject({ blockers: [{ kind: 'disk', id: diskId }] });
  });

  it('of one that is gone is refused with its name', () => {
    const deleted = snapshotEvent('SnapshotDeleted', { operationId: later }, whole(0, 0, -1));
    expect(deletionAfter(requested, taken, deleting, deleted)).toEqual({
      accepted: false,
      blockers: [{ kind: 'snapshot', id: snapshotId, reason: 'is not there any more' }],
    });
  });
});
