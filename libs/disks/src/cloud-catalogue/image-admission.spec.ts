import type { CloudImage, CloudImages } from '@strata/cloud';
import { detailOf } from '@strata/http';
import { describe, expect, it } from 'vitest';
import { sourceProblems } from '../request-disk/source.problems.js';
import { imageRefusal } from './image-admission.js';

const imageId = '2e95c0f4-b7d8-4163-a0f9-8d4e6b1c7a35';
const image: CloudImage = {
  id: imageId,
  name: 'Standard_Linux',
  minDiskGiB: 8,
  sizeBytes: null,
  os: null,
  visibility: 'public',
  status: 'active',
  purpose: 'system-disk',
  encrypted: false,
};
const offer = (found: CloudImages | null) => ({
  diskTypes: undefined,
  zones: undefined,
  images: found === null ? undefined : { found, fetchedAt: '2026-03-02T08:00:00Z' },
});
const judged = (wanted: object, change: Partial<CloudImage> = {}) =>
  imageRefusal(offer({ offered: true, images: [{ ...image, ...change }] }), {
    ...{ sizeGiB: 40, source: { imageId } },
    ...wanted,
  });
const pointersOf = (refusal: ReturnType<typeof imageRefusal>) =>
  refusal !== undefined && 'errors' in refusal ? refusal.errors.map(({ pointer }) => pointer) : [];

describe('a disk of an image', () => {
  it.each(['public', 'private', 'shared'] as const)('is admitted of a %s one', (visibility) => {
    expect(judged({}, { visibility })).toBeUndefined();
  });

  it('is of one that the cloud project may see', () => {
    const refusal = judged({ source: { imageId: 'another' } });
    expect([refusal?.type, pointersOf(refusal)]).toEqual(['image-unknown', ['/source/imageId']]);
  });

  it.each(['pending', 'error'] as const)('waits until it is active (%s)', (status) => {
    expect(judged({}, { status })).toEqual({ type: 'image-not-ready', imageStatus: status });
  });

  it.each([
    ['system-disk', 7, '/sizeGiB'],
    ['system-disk', 8, null],
    ['system-disk', 1_024, null],
    ['system-disk', 1_025, '/sizeGiB'],
    ['data-disk', 9, '/sizeGiB'],
    ['data-disk', 10, null],
    ['data-disk', 32_768, null],
    ['bare-metal', 40, '/source/imageId'],
    ['installation', 40, '/source/imageId'],
    ['unknown', 32_768, null],
  ] as const)('for a %s has bounds of its own (%d GiB)', (purpose, sizeGiB, pointer) => {
    expect(pointersOf(judged({ sizeGiB }, { purpose }))).toEqual(pointer === null ? [] : [pointer]);
  });

  it('is not shareable where it is a system disk, and all that does not fit is named', () => {
    expect(pointersOf(judged({ sizeGiB: 7, shareable: true }))).toEqual(['/sizeGiB', '/shareable']);
    expect(judged({ shareable: true }, { purpose: 'data-disk' })).toBeUndefined();
  });

  it.each<[object, Partial<CloudImage>, string]>([
    [{ sizeGiB: 7 }, {}, '/sizeGiB: must be at least 8 for a disk of this image.'],
    [{ sizeGiB: 1_025 }, {}, '/sizeGiB: must be at most 1024 for a disk of this image.'],
    [{ shareable: true }, {}, '/shareable: must be false, as a disk of this image is a system disk.'],
    [{}, { purpose: 'bare-metal' }, '/source/imageId: must be an image for disks, and is one for bare-metal servers.'],
  ])('is refused with the member and the rule that it breaks: %j %j', (wanted, change, detail) => {
    const refusal = judged(wanted, change);
    expect(refusal && detailOf(sourceProblems[refusal.type], { ...refusal })).toBe(detail);
  });

  it('is left to the cloud while nothing is known of images', () => {
    const fault = { code: 'no-ims-endpoint', message: '', requestId: null };
    for (const found of [null, { offered: false, fault } as const])
      expect(imageRefusal(offer(found), { sizeGiB: 1, source: { imageId } })).toBeUndefined();
  });

  it('says nothing of disks that are made of something else', () => {
    expect(judged({ source: undefined })).toBeUndefined();
  });
});
