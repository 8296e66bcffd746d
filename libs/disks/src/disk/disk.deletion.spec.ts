import { ActorId, TransferId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import {
  deleting,
  fault,
  given,
  id,
  later,
  provisioned,
  requested,
  shownAs,
  vanished,
  whole,
  work,
} from '../contract/disk-story.js';
import { allowedActionsAt, diskEvent, foldDisk, keptUntil } from './index.js';

const by = ActorId.parse(id(21));
const since = '2026-03-02T08:00:00.000Z';
const lock = { reason: 'holds the ledger', by, since };
const locked = diskEvent('DiskDeletionLocked', lock);
const unlocked = diskEvent('DiskDeletionUnlocked', {});
const there = [requested, provisioned] as const;
const deletion = { type: 'RequestDeletion', work } as const;

describe('a lock against deletion', () => {
  it('refuses every deletion, and names who put it there, since when and why', () => {
    given(...there)
      .when({ type: 'LockDeletion', lock })
      .then(locked);
    const blocker = {
      ...{ kind: 'actor' as const, id: by },
      reason: `has locked the disk against deletion on ${since}: holds the ledger`,
    };
    given(...there, locked)
      .when(deletion)
      .thenRefused({ type: 'deletion-locked', blockers: [blocker] });
    given(requested, vanished, locked).when(deletion).thenRefused('deletion-locked');
    given(...there, locked).shows(
      'available',
      ...['attach', 'extend', 'image', 'refresh', 'retype', 'snapshot', 'update'],
    );
  });

  it('is lifted, and put on again by nobody twice', () => {
    given(...there, locked)
      .when({ type: 'LockDeletion', lock: { ...lock, by: ActorId.parse(id(22)) } })
      .then();
    const other = { ...lock, reason: null };
    given(...there, locked)
      .when({ type: 'LockDeletion', lock: other })
      .then(diskEvent('DiskDeletionLocked', other));
    given(...there, locked)
      .when({ type: 'UnlockDeletion' })
      .then(unlocked);
    given(...there, locked, unlocked)
      .when({ type: 'UnlockDeletion' })
      .then();
    given(...there, locked, unlocked)
      .when(deletion)
      .then(deleting);
  });

  it('comes too late for a deletion that was accepted', () => {
    given(...there, deleting)
      .when({ type: 'LockDeletion', lock })
      .thenRefused({
        type: 'disk-busy',
        blockers: [{ kind: 'operation', id: shownAs, reason: 'disk.delete is under way' }],
      });
  });
});

describe('a disk that is locked', () => {
  const transferId = TransferId.parse(id(91));

  it('is not offered to another project, and not locked while it is', () => {
    given(...there, locked)
      .when({ type: 'RequestOffer', transferId })
      .thenRefused('deletion-locked');
    given(...there, diskEvent('DiskOffered', { transferId }))
      .when({ type: 'LockDeletion', lock })
      .thenRefused('disk-busy');
  });
});

describe('a deletion that waits', () => {
  const notBefore = '2026-03-04T08:00:00.000Z';
  const waiting = diskEvent('DiskDeletionRequested', { ...work, notBefore }, whole(0, -1, 1));
  const kept = diskEvent('DiskDeletionFailed', { operationId: later, fault, broken: false }, whole(0, 1, -1));

  it('is released from its acceptance, and can be taken back', () => {
    given(...there)
      .when({ ...deletion, notBefore })
      .then(waiting);
    given(...there, waiting).shows('deleting');
    given(...there, deleting).shows('deleting');
    given(...there, waiting)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(kept);
    expect(foldDisk([...there, waiting, kept])).toMatchObject({ ...foldDisk(there) });
  });

  it('can be taken back until its time has come', () => {
    const disk = foldDisk([...there, waiting]);
    const at = (time: string) => [keptUntil(disk, Date.parse(time)), allowedActionsAt(disk, Date.parse(time))];
    expect(at('2026-03-04T07:59:59.999Z')).toEqual([notBefore, ['undelete']]);
    expect(at(notBefore)).toEqual([null, []]);
    expect(keptUntil(foldDisk([...there, deleting]), 0)).toBeNull();
  });

  it('does not wait where nothing is in the cloud', () => {
    given(requested, vanished)
      .when({ ...deletion, notBefore })
      .then(diskEvent('DiskDeletionRequested', work), diskEvent('DiskDeleted', { operationId: later }));
  });
});
