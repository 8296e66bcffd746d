import { BindingId, DiskId, OperationId, ProjectId, type Charge } from '@strata/kernel';
import { expect } from 'vitest';
import {
  allowedActions,
  decideDisk,
  diskEvent,
  foldDisk,
  statusOf,
  type DiskCommand,
  type DiskEvent,
  type DiskRefusal,
  type DiskSighting,
  type DiskSpec,
} from '../disk/index.js';

export const id = (last: number) => `01930000-0000-7000-8000-0000000000${String(last).padStart(2, '0')}`;
export const diskId = DiskId.parse(id(1));
export const projectId = ProjectId.parse(id(2));
export const bindingId = BindingId.parse(id(3));
export const [create, later, shownAs] = [id(11), id(12), id(13)].map((each) => OperationId.parse(each)) as [
  OperationId,
  OperationId,
  OperationId,
];

export const spec: DiskSpec = {
  name: 'db',
  description: '',
  sizeGiB: 40,
  type: 'SSD',
  availabilityZone: 'eu-de-01',
  tags: { team: 'a' },
  metadata: {},
};
export const work = { operationId: later, shownAs };
/** What may be asked of a disk that is available and has neither attachments nor snapshots. */
export const atRest = ['refresh', 'update', 'image', 'snapshot', 'extend', 'retype', 'attach', 'transfer', 'delete'];
export const fault = { code: 'failed-in-cloud', title: 'The cloud could not carry it out' };

export const amount = (dimension: string, held: number, used = 0, releasing = 0): Charge => ({
  dimension,
  held,
  used,
  releasing,
});
/** One disk of 40 GiB, in its four dimensions. */
export const whole = (held: number, used = 0, releasing = 0) => [
  amount('disks', held, used, releasing),
  amount('disks:SSD', held, used, releasing),
  amount('gigabytes', 40 * held, 40 * used, 40 * releasing),
  amount('gigabytes:SSD', 40 * held, 40 * used, 40 * releasing),
];
export const sized = (gib: number, held: number, used = 0) => [
  amount('gigabytes', gib * held, gib * used),
  amount('gigabytes:SSD', gib * held, gib * used),
];

export const requested = diskEvent(
  'DiskRequested',
  { operationId: create, shownAs: create, diskId, projectId, bindingId, spec },
  whole(1),
);
export const provisioned = diskEvent('DiskProvisioned', { operationId: create, cloudId: 'cloud-1' }, whole(-1, 1));
export const vanished = diskEvent('DiskCreationFailed', { operationId: create, fault, cloudId: null }, whole(-1));
export const leftBroken = diskEvent(
  'DiskCreationFailed',
  { operationId: create, fault, cloudId: 'cloud-1' },
  whole(-1, 1),
);
export const extending = diskEvent('DiskExtensionRequested', { ...work, fromGiB: 40, toGiB: 100 }, sized(60, 1));
export const extensionBroken = diskEvent('DiskExtensionBroken', { operationId: later, fault });
export const deleting = diskEvent('DiskDeletionRequested', work, whole(0, -1, 1));
export const refreshing = diskEvent('DiskRefreshRequested', work);
export const missing = diskEvent('DiskFoundMissing', {});
export const sighting: DiskSighting = {
  cloudId: 'cloud-1',
  status: 'available',
  cloudStatus: 'available',
  name: 'db',
  description: '',
  sizeGiB: 40,
  type: 'SSD',
  bootable: false,
  shareable: false,
  encrypted: false,
  attachments: [],
  tags: { team: 'a' },
  metadata: {},
};
export const observed = (change: Partial<DiskSighting>, charges: readonly Charge[] = []) =>
  diskEvent('DiskObserved', { sighting: { ...sighting, ...change } }, charges);

export const given = (...past: readonly DiskEvent[]) => ({
  when: (command: DiskCommand) => {
    const decision = decideDisk(command, foldDisk(past));
    return {
      then: (...events: readonly DiskEvent[]) => expect(decision).toEqual({ accepted: true, events }),
      thenRefused: (refusal: DiskRefusal['type'] | DiskRefusal) =>
        expect(decision).toMatchObject({
          accepted: false,
          refusal: typeof refusal === 'string' ? { type: refusal } : refusal,
        }),
    };
  },
  shows: (status: string, ...actions: readonly string[]) => {
    const disk = foldDisk(past);
    expect({ status: statusOf(disk), actions: [...allowedActions(disk)].sort() }).toEqual({
      status,
      actions: [...actions].sort(),
    });
  },
});
