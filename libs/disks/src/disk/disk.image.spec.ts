import { describe, it } from 'vitest';
import {
  atRest,
  deleting,
  fault,
  given,
  later,
  observed,
  provisioned,
  requested,
  work,
} from '../contract/disk-story.js';
import { diskEvent } from './index.js';

const imageId = '7a4f0c92-d15b-4e38-b6c0-2f9d81e7a354';
const began = diskEvent('DiskImageRequested', { ...work, name: 'db' });
const made = diskEvent('DiskImageMade', { operationId: later, imageId });
const failed = diskEvent('DiskImageFailed', { operationId: later, fault });
const inUse = observed({ status: 'in-use', attachments: [{ serverId: 'server', device: null }] });
const ask = { type: 'RequestImage', name: 'db', work } as const;
const there = [requested, provisioned];

describe('a disk of which an image is made', () => {
  it('is available or in use', () => {
    given(...there)
      .when(ask)
      .then(began);
    given(...there, inUse)
      .when(ask)
      .then(began);
    given(...there, observed({ status: 'error' }))
      .when(ask)
      .thenRefused('disk-not-ready');
    given(...there, deleting)
      .when(ask)
      .thenRefused('disk-busy');
    given().when(ask).thenRefused('not-found');
  });

  it('is shown as it is, and is busy', () => {
    given(...there, began).shows('available');
    given(...there, inUse, began).shows('in-use');
    given(...there, began)
      .when(ask)
      .thenRefused({
        type: 'disk-busy',
        blockers: [{ kind: 'operation', id: work.shownAs, reason: 'disk.image is under way' }],
      });
  });

  it('is as it was before when the image is there, or came to nothing', () => {
    const report = { type: 'RecordImageMade', operationId: later, imageId } as const;
    given(...there, began)
      .when(report)
      .then(made);
    given(...there, began, made)
      .when(report)
      .then();
    given(...there, began)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(failed);
    for (const end of [made, failed]) given(...there, began, end).shows('available', ...atRest);
  });
});
