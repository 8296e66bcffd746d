import type { OperationId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import {
  amount,
  bindingId,
  create,
  deleting,
  diskId,
  extending,
  extensionBroken,
  fault,
  given,
  later,
  leftBroken,
  missing,
  observed,
  projectId,
  provisioned,
  refreshing,
  requested,
  shownAs,
  sighting,
  sized,
  spec,
  vanished,
  whole,
  work,
} from '../contract/disk-story.js';
import { diskEvent, foldDisk, type DiskCommand, type DiskSighting, type DiskSpec } from './index.js';

const inherited = { bootable: true, encrypted: true };
const madeOfImage = diskEvent('DiskProvisioned', { operationId: create, cloudId: 'cloud-1', inherited }, whole(-1, 1));

describe('a disk that is requested', () => {
  const request = (change: Partial<DiskSpec> = {}): DiskCommand => ({
    type: 'RequestDisk',
    ...{ diskId, projectId, bindingId, spec: { ...spec, ...change }, work: { operationId: create, shownAs: create } },
  });

  it('is held in four dimensions', () => given().when(request()).then(requested));
  it('is not requested twice', () => given(requested).when(request()).then());
  it('is being created', () => given(requested).shows('creating'));

  it('has nine tags at most: the tenth is the marker', () => {
    const tags = Object.fromEntries([...'abcdefghij'].map((key) => [key, '']));
    given().when(request({ tags })).thenRefused({ type: 'too-many-tags', most: 9 });
  });

  it('has less than a mebibyte of metadata', () => {
    given()
      .when(request({ metadata: { k: 'ü'.repeat(524_288) } }))
      .thenRefused({ type: 'metadata-too-large', bytes: 1_048_577, mostBytes: 1_048_575 });
  });

  it('is used once the cloud has made it', () => {
    given(requested).when({ type: 'RecordProvisioned', operationId: create, cloudId: 'cloud-1' }).then(provisioned);
    given(requested, provisioned).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'transfer',
      'delete',
    );
  });

  it('has from its source what only the cloud tells', () => {
    const report = { type: 'RecordProvisioned', operationId: create, cloudId: 'cloud-1', inherited } as const;
    given(requested).when(report).then(madeOfImage);
    expect(foldDisk([requested, madeOfImage])).toMatchObject({ traits: { ...inherited, shareable: false } });
  });

  it('hears every report once', () => {
    given(requested, provisioned).when({ type: 'RecordProvisioned', operationId: create, cloudId: 'cloud-2' }).then();
    given(requested).when({ type: 'RecordProvisioned', operationId: later, cloudId: 'cloud-1' }).then();
  });

  it('is charged no more when nothing came of it', () => {
    given(requested).when({ type: 'RecordCreationFailed', operationId: create, fault, cloudId: null }).then(vanished);
    given(requested).when({ type: 'RecordFailed', operationId: create, fault, broken: false }).then(vanished);
    given(requested, vanished).shows('error', 'delete');
  });

  it('is used when something broken is left in the cloud', () => {
    given(requested)
      .when({ type: 'RecordCreationFailed', operationId: create, fault, cloudId: 'cloud-1' })
      .then(leftBroken);
    given(requested, leftBroken).shows('error', 'refresh', 'delete');
  });

  it('is held again when it is tried again', () => {
    given(requested, vanished)
      .when({ type: 'RequestAgain', work })
      .then(diskEvent('DiskRequestedAgain', work, whole(1)));
    given(requested, leftBroken).when({ type: 'RequestAgain', work }).thenRefused('disk-not-ready');
    given(requested).when({ type: 'RequestAgain', work }).thenRefused('disk-busy');
  });
});

describe('changing a disk', () => {
  const change = { name: 'new', tags: { team: null, stage: 'test' } };

  it('is asked of the cloud first', () => {
    const asked = diskEvent('DiskChangeRequested', { ...work, change });
    given(requested, provisioned).when({ type: 'RequestChange', change, work }).then(asked);
    given(requested, provisioned, asked).shows('available');
    given(requested, provisioned, asked)
      .when({ type: 'RecordChanged', operationId: later, change })
      .then(diskEvent('DiskChanged', { operationId: later, change }));
    const changed = foldDisk([requested, provisioned, asked, diskEvent('DiskChanged', { operationId: later, change })]);
    expect(changed).toMatchObject({ name: 'new', description: '', tags: { stage: 'test' } });
  });

  it('is no news when nothing would change', () => {
    const same = { name: 'db', description: '', tags: { team: 'a', other: null }, metadata: {} };
    given(requested, provisioned).when({ type: 'RequestChange', change: same, work }).then();
  });

  it('adds no key that the cloud could take for one that is there', () => {
    const ask = (tags: Record<string, string | null>) =>
      given(requested, provisioned).when({ type: 'RequestChange', change: { tags }, work });
    ask({ TEAM: 'b' }).thenRefused('invalid-request');
    ask({ TEAM: 'b', team: null }).then(
      diskEvent('DiskChangeRequested', { ...work, change: { tags: { TEAM: 'b', team: null } } }),
    );
  });

  it('leaves the disk as it was when the cloud refused', () => {
    const failed = diskEvent('DiskChangeFailed', { operationId: later, fault });
    const asked = diskEvent('DiskChangeRequested', { ...work, change });
    given(requested, provisioned, asked)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(failed);
    given(requested, provisioned, asked, failed).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'transfer',
      'delete',
    );
  });
});

describe('extending a disk', () => {
  it('holds the difference until the cloud has it', () => {
    given(requested, provisioned).when({ type: 'RequestExtension', sizeGiB: 100, work }).then(extending);
    given(requested, provisioned, extending)
      .when({ type: 'RecordExtended', operationId: later, sizeGiB: 100 })
      .then(diskEvent('DiskExtended', { operationId: later, sizeGiB: 100 }, sized(60, -1, 1)));
  });

  it('uses what the cloud made when that is another size', () => {
    given(requested, provisioned, extending)
      .when({ type: 'RecordExtended', operationId: later, sizeGiB: 110 })
      .then(diskEvent('DiskExtended', { operationId: later, sizeGiB: 110 }, [...sized(60, -1, 1), ...sized(10, 0, 1)]));
  });

  it('is refused where it is no extension or too much', () => {
    const extend = (sizeGiB: number): DiskCommand => ({ type: 'RequestExtension', sizeGiB, work });
    given(requested, provisioned)
      .when(extend(40))
      .thenRefused({ type: 'size-not-larger', sizeGiB: 40, requestedGiB: 40 });
    given(requested, provisioned).when(extend(32_769)).thenRefused('disk-too-large');
    given(requested, vanished).when(extend(100)).thenRefused('disk-not-ready');
    given(requested, provisioned, observed({ status: 'in-use', shareable: true }))
      .when(extend(100))
      .thenRefused('disk-not-ready');
  });

  it('ends at 1024 GiB for a system disk, and for what is larger already where all disks end', () => {
    const extend = (sizeGiB: number): DiskCommand => ({ type: 'RequestExtension', sizeGiB, work });
    const largestGiB = 1_024;
    given(requested, madeOfImage)
      .when(extend(1_025))
      .thenRefused({ type: 'disk-too-large', requestedGiB: 1_025, largestGiB });
    given(requested, madeOfImage)
      .when(extend(1_024))
      .then(diskEvent('DiskExtensionRequested', { ...work, fromGiB: 40, toGiB: 1_024 }, sized(984, 1)));
    given(requested, provisioned, observed({ bootable: true, sizeGiB: 2_000 }))
      .when(extend(3_000))
      .then(diskEvent('DiskExtensionRequested', { ...work, fromGiB: 2_000, toGiB: 3_000 }, sized(1_000, 1)));
  });

  it('is held no more when nothing came of it', () => {
    given(requested, provisioned, extending)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(diskEvent('DiskExtensionFailed', { operationId: later, fault }, sized(60, -1)));
  });

  it('stays held when it left the disk broken, until the size was seen', () => {
    given(requested, provisioned, extending)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: true })
      .then(extensionBroken);
    const past = [requested, provisioned, extending, extensionBroken];
    given(...past).shows('error', 'refresh', 'delete');
    expect(foldDisk(past)).toMatchObject({ condition: 'error-extending', cloudStatus: 'available' });
    const seen = { ...sighting, status: 'error-extending', cloudStatus: 'error_extending', sizeGiB: 100 };
    given(...past)
      .when({ type: 'RecordSeen', operationId: null, sighting: seen })
      .then(observed(seen, [...sized(60, -1), ...sized(60, 0, 1)]));
  });
  it('does not take what is seen under another id for itself', () => {
    const other = { ...sighting, cloudId: 'cloud-2', sizeGiB: 100 };
    given(requested, provisioned).when({ type: 'RecordSeen', operationId: null, sighting: other }).then();
    given(requested, provisioned, refreshing)
      .when({ type: 'RecordSeen', operationId: later, sighting: other })
      .then(diskEvent('DiskRefreshEnded', { operationId: later }));
  });

  it('leaves the disk in the state that was seen at the end, in the words of the cloud too', () => {
    const seen = { condition: 'error', cloudStatus: 'ERROR' };
    const past = [requested, provisioned, extending];
    const broken = diskEvent('DiskExtensionBroken', { operationId: later, fault, seen });
    given(...past)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: true, seen })
      .then(broken);
    expect(foldDisk([...past, broken])).toMatchObject({ ...seen, fault, open: null, undecidedGiB: 60 });
  });

  it('stays held while the broken disk is deleted, and ends with it or by what is seen', () => {
    const past = [requested, provisioned, extending, extensionBroken];
    const deletion = diskEvent('DiskDeletionRequested', work, [...whole(0, -1, 1), ...sized(60, -1)]);
    const kept = diskEvent('DiskUndecidedKept', { undecidedGiB: 60, undecidedMove: null }, sized(60, 1));
    given(...past)
      .when({ type: 'RequestDeletion', work })
      .then(deletion, kept);
    given(...past, deletion, kept)
      .when({ type: 'RecordDeleted', operationId: later })
      .then(diskEvent('DiskDeleted', { operationId: later }, [...whole(0, 0, -1), ...sized(60, -1)]));
    given(...past, deletion, kept, diskEvent('DiskDeletionFailed', { operationId: later, fault, broken: false }))
      .when({ type: 'RecordSeen', operationId: null, sighting: { ...sighting, sizeGiB: 100 } })
      .then(observed({ sizeGiB: 100 }, [...sized(60, -1), ...sized(60, 0, 1)]));
  });

  it('was let go of when the deletion was asked for, by builds before', () => {
    const past = [requested, provisioned, extending, extensionBroken];
    const deletion = diskEvent('DiskDeletionRequested', work, [...whole(0, -1, 1), ...sized(60, -1)]);
    given(...past, deletion)
      .when({ type: 'RecordDeleted', operationId: later })
      .then(diskEvent('DiskDeleted', { operationId: later }, whole(0, 0, -1)));
    given(...past, deletion, diskEvent('DiskDeletionFailed', { operationId: later, fault, broken: false }))
      .when({ type: 'RecordSeen', operationId: null, sighting })
      .then(observed({}));
  });
});

describe('deleting a disk', () => {
  it('releases it until its absence was observed', () => {
    given(requested, provisioned).when({ type: 'RequestDeletion', work }).then(deleting);
    given(requested, provisioned, deleting).shows('deleting');
    const gone = diskEvent('DiskDeleted', { operationId: later }, whole(0, 0, -1));
    given(requested, provisioned, deleting).when({ type: 'RecordDeleted', operationId: later }).then(gone);
    given(requested, provisioned, deleting, gone).shows('deleted');
    given(requested, provisioned, deleting, gone).when({ type: 'RequestDeletion', work }).thenRefused('not-found');
  });

  it('is done at once when nothing of it is in the cloud', () => {
    given(requested, vanished)
      .when({ type: 'RequestDeletion', work })
      .then(diskEvent('DiskDeletionRequested', work), diskEvent('DiskDeleted', { operationId: later }));
  });

  it('leaves the disk as it was when the cloud refused', () => {
    const failed = diskEvent('DiskDeletionFailed', { operationId: later, fault, broken: false }, whole(0, 1, -1));
    given(requested, provisioned, deleting)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(failed);
    given(requested, provisioned, deleting, failed).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'transfer',
      'delete',
    );
  });

  it('leaves an error behind when the cloud broke it', () => {
    const failed = diskEvent('DiskDeletionFailed', { operationId: later, fault, broken: true }, whole(0, 1, -1));
    given(requested, provisioned, deleting)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: true })
      .then(failed);
    given(requested, provisioned, deleting, failed).shows('error', 'refresh');
  });

  it('shows what the cloud called it when that was seen', () => {
    const seen = { condition: 'error-deleting', cloudStatus: 'error_deleting' };
    const failure = { operationId: later, fault, broken: true, seen };
    const failed = diskEvent('DiskDeletionFailed', failure, whole(0, 1, -1));
    given(requested, provisioned, deleting)
      .when({ type: 'RecordFailed', ...failure })
      .then(failed);
    expect(foldDisk([requested, provisioned, deleting, failed])).toMatchObject(seen);
  });

  it('is refused while it is attached, with the servers', () => {
    const attachments = [{ serverId: 'server-1', device: '/dev/vdb' }];
    given(requested, provisioned, observed({ status: 'in-use', attachments }))
      .when({ type: 'RequestDeletion', work })
      .thenRefused({
        type: 'disk-attached',
        blockers: [{ kind: 'server', id: 'server-1', reason: 'the disk is attached to it' }],
      });
    given(requested, provisioned, observed({ status: 'in-use', attachments }), missing)
      .when({ type: 'RequestDeletion', work })
      .then(deleting);
  });

  it('is refused in states that the cloud does not delete from', () => {
    for (const status of ['creating', 'in-use', 'extending', 'backing-up', 'awaiting-transfer', 'error-deleting']) {
      given(requested, provisioned, observed({ status }))
        .when({ type: 'RequestDeletion', work })
        .thenRefused('disk-not-ready');
    }
    for (const status of ['available', 'error', 'error-extending', 'error-restoring', 'error-rolling-back']) {
      given(requested, provisioned, observed({ status })).when({ type: 'RequestDeletion', work }).then(deleting);
    }
  });
});

describe('a disk that is seen in the cloud', () => {
  const see = (change: Partial<DiskSighting>, operationId: OperationId | null = null): DiskCommand => ({
    type: 'RecordSeen',
    operationId,
    sighting: { ...sighting, ...change },
  });
  const seeNothing: DiskCommand = { type: 'RecordSeen', operationId: null, sighting: null };

  it('is no news when it is as it was', () => {
    given(requested, provisioned).when(see({})).then();
    given(requested, provisioned, observed({ status: 'error', cloudStatus: 'error' }))
      .when(see({ status: 'error', cloudStatus: 'error' }))
      .then();
    given(requested, leftBroken)
      .when(see({ status: 'error', cloudStatus: 'error' }))
      .then();
  });

  it('is charged as it is there', () => {
    given(requested, provisioned)
      .when(see({ sizeGiB: 50 }))
      .then(observed({ sizeGiB: 50 }, sized(10, 0, 1)));
    given(requested, provisioned)
      .when(see({ type: 'SAS', sizeGiB: 50 }))
      .then(
        observed({ type: 'SAS', sizeGiB: 50 }, [
          amount('disks:SSD', 0, -1),
          amount('disks:SAS', 0, 1),
          amount('gigabytes', 0, 10),
          amount('gigabytes:SSD', 0, -40),
          amount('gigabytes:SAS', 0, 50),
        ]),
      );
  });

  it('is not looked at by others while something works on it', () => {
    given(requested, provisioned, deleting)
      .when(see({ status: 'deleting' }))
      .then();
    given(requested).when(see({})).then();
  });

  it('is refreshed by who was asked to', () => {
    const ended = diskEvent('DiskRefreshEnded', { operationId: later });
    given(requested, provisioned).when({ type: 'RequestRefresh', work }).then(refreshing);
    given(requested, provisioned, refreshing).when(see({}, later)).then(ended);
    given(requested, provisioned, refreshing)
      .when(see({ name: 'other' }, later))
      .then(observed({ name: 'other' }), ended);
    given(requested, provisioned, refreshing)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(ended);
  });

  it('is missing once, and found again', () => {
    given(requested, provisioned).when(seeNothing).then(missing);
    given(requested, provisioned, missing).when(seeNothing).then();
    given(requested, provisioned, missing).shows('error', 'refresh', 'delete', 'recreate');
    given(requested, provisioned, missing).when(see({})).then(observed({}));
    given(requested, provisioned, missing, observed({})).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'transfer',
      'delete',
    );
    const broken = { status: 'error', cloudStatus: 'error' };
    expect(foldDisk([requested, provisioned, missing, observed(broken)])).toMatchObject({
      fault: { code: 'broken-in-cloud' },
    });
  });

  it('is busy with one thing at a time', () => {
    given(requested, provisioned, refreshing)
      .when({ type: 'RequestDeletion', work })
      .thenRefused({
        type: 'disk-busy',
        blockers: [{ kind: 'operation', id: shownAs, reason: 'disk.refresh is under way' }],
      });
  });

  it('shows states that it does not know as unknown', () => {
    given(requested, provisioned, observed({ status: 'uploading' })).shows('unknown', 'refresh');
  });
});
