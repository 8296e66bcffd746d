import { describe, expect, it } from 'vitest';
import { given, later, requested, taken, vanished, whole, work } from '../contract/snapshot-story.js';
import { cloudStatusOf, foldSnapshot, snapshotEvent, type SnapshotEvent, type SnapshotSighting } from './index.js';

const sighting: SnapshotSighting = {
  ...{ cloudId: 'cloud-1', condition: 'available', name: 'before', description: '', metadata: { k: 'v' } },
};
const see = (change: Partial<SnapshotSighting> | null) =>
  ({ type: 'RecordSeen', sighting: change && { ...sighting, ...change } }) as const;
const gone = snapshotEvent('SnapshotFoundMissing', {}, whole(0, -1));
const back = snapshotEvent('SnapshotObserved', { sighting }, whole(0, 1));
const observed = (change: Partial<SnapshotSighting>) =>
  snapshotEvent('SnapshotObserved', { sighting: { ...sighting, ...change } });

describe('what a sweep sees of a snapshot', () => {
  it('is news where it differs, and once', () => {
    given(requested, taken).when(see({})).then();
    given(requested, taken)
      .when(see({ name: 'other' }))
      .then(observed({ name: 'other' }));
    given(requested, taken, observed({ name: 'other' }))
      .when(see({ name: 'other' }))
      .then();
  });

  it('is kept in the word of the cloud, too, which is news where it was not told before', () => {
    const word = (...events: SnapshotEvent[]) => {
      const snapshot = foldSnapshot([requested, taken, ...events]);
      return snapshot.life === 'in-cloud' ? cloudStatusOf(snapshot) : null;
    };
    const stuck = { condition: 'error-deleting', cloudStatus: 'error_deleting' } as const;
    given(requested, taken)
      .when(see({ cloudStatus: 'available' }))
      .then();
    given(requested, taken, observed({ condition: 'error-deleting' }))
      .when(see(stuck))
      .then(observed(stuck));
    given(requested, taken, observed(stuck)).when(see(stuck)).then();
    expect(word()).toBe('available');
    expect(word(observed({ condition: 'error-deleting' }))).toBe('error-deleting');
    expect(word(observed(stuck))).toBe('error_deleting');
    expect(word(observed(stuck), observed({ condition: 'error' }))).toBe('error');
    expect(word(observed(stuck), gone, back)).toBe('available');
  });

  it('shows in its status', () => {
    given(requested, taken, observed({ condition: 'error' })).shows('error', 'delete');
    given(requested, taken, observed({ condition: 'deleting' })).shows('deleting');
    given(requested, taken, observed({ condition: 'backing-up' })).shows('unknown');
    given(requested, taken, observed({ condition: 'error' }), observed({})).shows(
      'available',
      'update',
      'delete',
      'roll-back',
    );
  });

  it('lets it be deleted no more where the cloud could not, until it is seen otherwise', () => {
    const remove = { type: 'RequestDeletion', work } as const;
    const stuck = observed({ condition: 'error-deleting' });
    given(requested, taken, stuck).shows('error');
    given(requested, taken, stuck).when(remove).thenRefused('snapshot-stuck');
    given(requested, taken, stuck).when(see({})).then(observed({}));
    given(requested, taken, stuck, observed({})).shows('available', 'update', 'delete', 'roll-back');
    given(requested, taken, stuck, observed({ condition: 'error' })).shows('error', 'delete');
    given(requested, taken, stuck, gone).shows('error', 'delete');
  });

  it('frees what is gone, which can be deleted at once', () => {
    given(requested, taken).when(see(null)).then(gone);
    given(requested, taken, gone).when(see(null)).then();
    given(requested, taken, gone).shows('error', 'delete');
    given(requested, taken, gone)
      .when({ type: 'RequestDeletion', work })
      .then(
        snapshotEvent('SnapshotDeletionRequested', work),
        snapshotEvent('SnapshotDeleted', { operationId: work.operationId }),
      );
  });

  it('charges what is there again, if it is the one that was lost', () => {
    given(requested, taken, gone).when(see({})).then(back);
    given(requested, taken, gone)
      .when(see({ cloudId: 'cloud-2' }))
      .then();
    given(requested, taken, gone, back).shows('available', 'update', 'delete', 'roll-back');
    given(requested, vanished).when(see({})).then();
  });

  it('counts not while something works on it', () => {
    given(requested).when(see({})).then();
    const deleting = snapshotEvent(
      'SnapshotDeletionRequested',
      { operationId: later, shownAs: later },
      whole(0, -1, 1),
    );
    given(requested, taken, deleting).when(see(null)).then();
  });
});
