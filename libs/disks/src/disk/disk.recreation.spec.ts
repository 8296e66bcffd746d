import { SnapshotId } from '@strata/kernel';
import { describe, it } from 'vitest';
import {
  atRest,
  amount,
  extending,
  extensionBroken,
  fault,
  given,
  id,
  later,
  missing,
  observed,
  provisioned,
  requested,
  sized,
  spec,
  whole,
  work,
} from '../contract/disk-story.js';
import { diskEvent } from './index.js';

const gone = [requested, provisioned, missing] as const;
const ask = { type: 'RequestRecreation', work } as const;
const asked = diskEvent('DiskRecreationRequested', work, whole(1, -1));
const recreated = diskEvent('DiskRecreated', { operationId: later, cloudId: 'cloud-2' }, whole(-1, 1));
const failed = (cloudId: string | null) =>
  diskEvent('DiskRecreationFailed', { operationId: later, fault, cloudId }, whole(-1, 1));

describe('a disk that is gone', () => {
  it('is made anew, held as by a create and charged no more than before', () => {
    given(...gone)
      .when(ask)
      .then(asked);
    given(...gone, asked).shows('creating');
    given(...gone, asked)
      .when({ type: 'RecordProvisioned', operationId: later, cloudId: 'cloud-2' })
      .then(recreated);
    given(...gone, asked, recreated).shows('available', ...atRest);
  });

  it('is as it was when nothing came of it', () => {
    given(...gone, asked)
      .when({ type: 'RecordCreationFailed', operationId: later, fault, cloudId: null })
      .then(failed(null));
    given(...gone, asked)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(failed(null));
    given(...gone, asked, failed(null)).shows('error', 'delete', 'refresh', 'recreate');
  });

  it('is in error when something broken is there in its place', () => {
    given(...gone, asked)
      .when({ type: 'RecordCreationFailed', operationId: later, fault, cloudId: 'cloud-2' })
      .then(failed('cloud-2'));
    given(...gone, asked, failed('cloud-2')).shows('error', 'delete', 'refresh');
  });

  it('ends an extension that was undecided', () => {
    const charges = [...whole(1, -1), ...sized(60, -1)];
    given(requested, provisioned, extending, extensionBroken, missing)
      .when(ask)
      .then(diskEvent('DiskRecreationRequested', work, charges));
  });

  it('ends a move to another type that was undecided', () => {
    const byType = (held: number) => [amount('disks:ESSD', held), amount('gigabytes:ESSD', 40 * held)];
    const retyping = diskEvent('DiskRetypeRequested', { ...work, fromType: 'SSD', toType: 'ESSD' }, byType(1));
    const unknown = diskEvent('DiskRetypeFailed', { operationId: later, fault, left: 'unknown' });
    given(requested, provisioned, retyping, unknown, missing)
      .when(ask)
      .then(diskEvent('DiskRecreationRequested', work, [...whole(1, -1), ...byType(-1)]));
  });

  it('is not made anew without the key that it was encrypted with', () => {
    given(requested, provisioned, observed({ encrypted: true }), missing)
      .when(ask)
      .thenRefused('made-from-source');
  });

  it('is not made anew while it is there, works, has snapshots, or began with something', () => {
    given(requested, provisioned).when(ask).thenRefused('disk-not-ready');
    given(...gone, observed({}))
      .when(ask)
      .thenRefused('disk-not-ready');
    given(...gone, asked)
      .when(ask)
      .thenRefused('disk-busy');
    const snapshotId = SnapshotId.parse(id(50));
    const kept = diskEvent('DiskSnapshotKept', { operationId: later, snapshotId });
    given(requested, provisioned, kept, missing).when(ask).thenRefused('has-snapshots');
    const { data } = requested;
    const fromSource = diskEvent('DiskRequested', { ...data, spec: { ...spec, source: { snapshotId } } }, [
      amount('disks', 1),
    ]);
    given(fromSource, provisioned, missing).when(ask).thenRefused('made-from-source');
    given(fromSource, provisioned, missing).shows('error', 'delete', 'refresh');
  });
});
