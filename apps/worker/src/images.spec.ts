import { statusOf } from '@strata/disks';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { seenAtWork } from './contract/seen-at-work.js';
import { type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

const name = 'ledger-img';
const carriedOut = async (
  { diskId, cloudId }: Awaited<ReturnType<WorkUnderTest['provisioned']>>,
  ports = work.patiently(),
) => {
  const input = { diskId, cloudId, name, format: 'zvhd2', os: 'linux', force: false };
  return work.carryOut(await work.request('disk.image', diskId, input, { type: 'RequestImage', name }), ports);
};
const imagesInCloud = async () => {
  const found = await work.cloud.images();
  return found.offered ? found.images.filter((image) => image.name === name) : [];
};

describe('making an image of a disk', () => {
  it.each([undefined, 'drop-answer', 'error-after-accept', 'hang'] as const)(
    'ends with one image, and with the disk as it was (%s)',
    async (mishap) => {
      const disk = await work.provisioned();
      if (mishap) await work.faults({ kind: mishap, times: 1, match: { operation: 'volumes.action' } });
      const { operation, events } = await carriedOut(disk);
      expect(operation.status).toBe('succeeded');
      const images = await imagesInCloud();
      expect(images).toMatchObject([{ status: 'active', visibility: 'private', purpose: 'data-disk', minDiskGiB: 20 }]);
      expect(events.at(-1)?.data).toMatchObject({ result: { diskId: disk.diskId, imageId: images[0]?.id } });
      expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
      expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
    },
  );

  it('is sent once: what no look has shown is not known', async () => {
    const disk = await work.provisioned();
    await work.faults({ kind: 'drop-request', times: 1, match: { operation: 'volumes.action' } });
    const { operation } = await carriedOut(disk);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'outcome-unknown' } });
    expect(await imagesInCloud()).toEqual([]);
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
  });

  it('fails when the cloud kills the image', async () => {
    const disk = await work.provisioned();
    await work.faults({ kind: 'job-failed', times: 1 });
    expect((await carriedOut(disk)).operation).toMatchObject({ error: { code: 'failed-in-cloud' } });
    expect(statusOf(await work.diskNow(disk.diskId))).toBe('available');
  });

  it('waits while the image is saved', async () => {
    const disk = await work.provisioned();
    const { operation, events } = await carriedOut(disk, await seenAtWork(work));
    expect(operation.status).toBe('succeeded');
    expect(events.map(({ type }) => type)).toContain('CloudProgressed');
  });
});
