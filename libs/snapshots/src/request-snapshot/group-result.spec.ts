import { DiskId, SnapshotId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { groupResult } from './group-result.js';

describe('what came of a group that was cancelled', () => {
  it('is told of those that it was to take, not of all that the first one was asked for', () => {
    const snapshots = Array.from({ length: 3 }, () => ({
      snapshotId: SnapshotId.parse(newId()),
      diskId: DiskId.parse(newId()),
    }));
    const [first] = snapshots;
    const input = { name: 'x', description: '', metadata: {}, force: false, snapshots };
    const target = { type: 'snapshots', ids: [String(first?.snapshotId)] } as const;
    expect(groupResult({ end: 'cancelled' }, input, { ...target, ids: [...target.ids] })).toEqual({
      snapshots: [{ ...first, status: 'cancelled', error: null }],
      skewMs: null,
    });
  });
});
