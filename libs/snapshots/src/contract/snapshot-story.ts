import { BindingId, DiskId, OperationId, ProjectId, SnapshotId, type Charge } from '@strata/kernel';
import { expect } from 'vitest';
import {
  allowedActions,
  decideSnapshot,
  foldSnapshot,
  snapshotEvent,
  statusOf,
  type SnapshotCommand,
  type SnapshotEvent,
  type SnapshotRefusal,
} from '../snapshot/index.js';

export const id = (last: number) => `01930000-0000-7000-8000-0000000000${String(last).padStart(2, '0')}`;
export const snapshotId = SnapshotId.parse(id(1));
export const projectId = ProjectId.parse(id(2));
export const bindingId = BindingId.parse(id(3));
export const diskId = DiskId.parse(id(4));
export const create = OperationId.parse(id(11));
export const later = OperationId.parse(id(12));
export const other = OperationId.parse(id(13));

export const spec = { name: 'before', description: '', metadata: { k: 'v' } };
export const extent = { sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01' };
export const work = { operationId: later, shownAs: later };
export const fault = { code: 'failed-in-cloud', title: 'The cloud could not carry it out' };

/** One snapshot of a disk of 40 GiB, in its three dimensions. */
export const whole = (held: number, used = 0, releasing = 0): readonly Charge[] =>
  [
    { dimension: 'snapshots', n: 1 },
    { dimension: 'gigabytes', n: 40 },
    { dimension: 'gigabytes:SSD', n: 40 },
  ].map(({ dimension, n }) => ({ dimension, held: n * held, used: n * used, releasing: n * releasing }));

export const wanted = { snapshotId, projectId, bindingId, diskId, spec, extent };
export const first = { operationId: create, shownAs: create };
export const requested = snapshotEvent('SnapshotRequested', { ...first, ...wanted }, whole(1));
export const taken = snapshotEvent('SnapshotTaken', { operationId: create, cloudId: 'cloud-1' }, whole(-1, 1));
export const vanished = snapshotEvent(
  'SnapshotCreationFailed',
  { operationId: create, fault, cloudId: null },
  whole(-1),
);
export const leftBroken = snapshotEvent(
  'SnapshotCreationFailed',
  { operationId: create, fault, cloudId: 'cloud-1' },
  whole(-1, 1),
);
export const deleting = snapshotEvent('SnapshotDeletionRequested', work, whole(0, -1, 1));

export const given = (...past: readonly SnapshotEvent[]) => ({
  when: (command: SnapshotCommand) => {
    const decision = decideSnapshot(command, foldSnapshot(past));
    return {
      then: (...events: readonly SnapshotEvent[]) => expect(decision).toEqual({ accepted: true, events }),
      thenRefused: (type: SnapshotRefusal['type']) =>
        expect(decision).toMatchObject({ accepted: false, refusal: { type } }),
    };
  },
  shows: (status: string, ...actions: readonly string[]) => {
    const snapshot = foldSnapshot(past);
    expect({ status: statusOf(snapshot), actions: allowedActions(snapshot) }).toEqual({ status, actions });
  },
});
