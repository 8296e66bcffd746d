import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CloudImage } from '../disk-cloud.js';
import type { ImageCloud, NewCloudImage } from '../image-cloud.js';
import {
  acceptedAs,
  aMinuteAgo,
  diskWith,
  eventually,
  makeDisk,
  removeDisk,
  soon,
  tried,
  type CloudOnTrial,
} from './trial.js';

export interface WithImages {
  readonly imageMaker: ImageCloud;
  /** One that this cloud makes images in. */
  readonly format: NewCloudImage['format'];
  /** Strata removes no images. */
  removeImage(imageId: string): Promise<void>;
}

type Trial = CloudOnTrial & WithImages;

const isActive = (image: CloudImage | null) => image?.status === 'active';

/** What every cloud must do with images, a real one too; all that is made is removed. */
export const imageContract = (open: () => Promise<Trial>): void => {
  const on = (test: (trial: Trial) => Promise<void>) => tried(open, test);

  describe('a cloud of images', () => {
    it(
      'makes one of a disk, shows it to every way of looking, and makes a disk of it',
      on(async (trial) => {
        const { cloud, imageMaker, format, patienceMs } = trial;
        const disk = await makeDisk(trial);
        const name = `contract ${randomUUID()}`;
        const wish = { cloudDiskId: disk.cloudId, name, format, os: 'linux', force: false } as const;
        const { cloudId, jobId } = acceptedAs(await imageMaker.makeImage(wish, soon));
        const imageId = cloudId ?? '';
        expect({ named: imageId !== '', jobId }).toEqual({ named: true, jobId: null });
        const image = await eventually(patienceMs, () => imageMaker.findImage(imageId), isActive);
        expect(image).toMatchObject({ id: imageId, name, encrypted: false });
        expect(image?.minDiskGiB).toBeLessThanOrEqual(disk.sizeGiB);
        expect(await imageMaker.findImagesNamed(name, aMinuteAgo())).toEqual([imageId]);
        const all = await cloud.images();
        expect(all.offered && all.images.filter(({ id }) => id === imageId)).toEqual([image]);
        await diskWith(trial, disk.cloudId, ({ status }) => status === 'available');
        const copy = await makeDisk(trial, { sizeGiB: 11, source: { imageId } });
        expect(copy).toMatchObject({ status: 'available', sizeGiB: 11, bootable: image?.purpose === 'system-disk' });
        for (const each of [copy, disk]) await removeDisk(trial, each.cloudId);
        await trial.removeImage(imageId);
      }),
    );

    it(
      'knows nothing of one that never was, and makes none once it may not',
      on(async ({ imageMaker, format }) => {
        const nobody = randomUUID();
        const wish = { cloudDiskId: nobody, name: nobody, format, os: 'linux', force: false } as const;
        expect(await imageMaker.findImage(nobody)).toBeNull();
        expect(await imageMaker.findImagesNamed(nobody, aMinuteAgo())).toEqual([]);
        const notFound = { outcome: 'refused', reason: 'not-found' };
        expect(await imageMaker.makeImage(wish, soon)).toMatchObject(notFound);
        const late = { timeoutMs: 30_000, mayStillSend: () => false };
        const unsent = { outcome: 'not-now', why: 'unavailable' };
        expect(await imageMaker.makeImage(wish, late)).toMatchObject(unsent);
      }),
    );
  });
};
