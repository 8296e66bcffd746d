import { describe, expect, it } from 'vitest';
import {
  amount,
  bindingId,
  create,
  diskId,
  fault,
  given,
  later,
  projectId,
  provisioned,
  requested,
  sighting,
  spec,
  whole,
} from '../contract/disk-story.js';
import { allowedActions, diskEvent, foldDisk, statusOf, type DiskCommand } from './index.js';

const wanted = { diskId, projectId, bindingId, cloudId: 'cloud-1', spec };
const adopt: DiskCommand = {
  type: 'RequestAdoption',
  ...wanted,
  work: { operationId: create, shownAs: create },
};
const adopting = diskEvent('DiskAdoptionRequested', { operationId: create, shownAs: create, ...wanted }, whole(1));
const adopted = diskEvent('DiskAdopted', { operationId: create, sighting }, whole(-1, 1));
const failed = diskEvent('DiskAdoptionFailed', { operationId: create, fault }, whole(-1));

describe('a disk that is adopted', () => {
  it('is held from the beginning, and nothing can be asked of it', () => {
    given().when(adopt).then(adopting);
    given(adopting).shows('creating');
    given(adopting)
      .when({ type: 'RequestDeletion', work: { operationId: later, shownAs: later } })
      .thenRefused({
        type: 'disk-busy',
        blockers: [{ kind: 'operation', id: create, reason: 'disk.adopt is under way' }],
      });
  });

  it('is adopted once', () => {
    given(adopting).when(adopt).then();
    given(requested).when(adopt).then();
    given(adopting, adopted).when(adopt).then();
    given(adopting, adopted).when({ type: 'RecordAdopted', operationId: create, sighting }).then();
    given(adopting).when({ type: 'RecordAdopted', operationId: later, sighting }).then();
    given(requested).when({ type: 'RecordAdopted', operationId: create, sighting }).then();
  });

  it('is a disk like any other from then on', () => {
    given(adopting).when({ type: 'RecordAdopted', operationId: create, sighting }).then(adopted);
    expect(allowedActions(foldDisk([adopting, adopted]))).toEqual(allowedActions(foldDisk([requested, provisioned])));
  });

  it('comes with its attachments', () => {
    const inUse = {
      ...sighting,
      ...{ status: 'in-use', cloudStatus: 'in-use', attachments: [{ serverId: 'server-1', device: '/dev/vdb' }] },
    };
    const disk = foldDisk([adopting, diskEvent('DiskAdopted', { operationId: create, sighting: inUse }, whole(-1, 1))]);
    expect(statusOf(disk)).toBe('in-use');
    expect(allowedActions(disk)).toContain('detach');
  });

  it('is charged as it is seen in the end, whatever was held', () => {
    const grown = { ...sighting, sizeGiB: 50, type: 'SAS' };
    given(adopting)
      .when({ type: 'RecordAdopted', operationId: create, sighting: grown })
      .then(
        diskEvent('DiskAdopted', { operationId: create, sighting: grown }, [
          ...whole(-1),
          amount('disks', 0, 1),
          amount('disks:SAS', 0, 1),
          amount('gigabytes', 0, 50),
          amount('gigabytes:SAS', 0, 50),
        ]),
      );
  });

  it('is none of the project when nothing came of it', () => {
    given(adopting).when({ type: 'RecordFailed', operationId: create, fault, broken: false }).then(failed);
    given(adopting, failed).shows('deleted');
    given(adopting, failed)
      .when({ type: 'RequestDeletion', work: { operationId: later, shownAs: later } })
      .thenRefused('not-found');
    given(adopting, failed).when({ type: 'RecordAdopted', operationId: create, sighting }).then();
    given(adopting, failed).when({ type: 'RecordSeen', operationId: null, sighting }).then();
  });

  it('is not what a sweep reports while it is being adopted', () => {
    given(adopting).when({ type: 'RecordSeen', operationId: null, sighting }).then();
  });
});
