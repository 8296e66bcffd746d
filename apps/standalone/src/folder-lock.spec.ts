import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderHeld, holdFolder } from './folder-lock.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-lock-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The highest number that Linux gives is lower. */
const dead = JSON.stringify({ pid: 2 ** 22 + 1, bornAt: '1', since: '2026-01-01T00:00:00.000Z' });

const leftBehind = async (content: string) => {
  const [newest = 'lock.0'] = (await readdir(folder)).filter((name) => name.startsWith('lock.'));
  await writeFile(join(folder, newest), content);
};

describe('a folder that many want at the same time', () => {
  it.each([
    { state: 'nobody holds it', left: undefined },
    { state: 'somebody was killed in it', left: dead },
    { state: 'the power failed', left: '' },
  ])('is held by one, and the others are told by whom, when $state', async ({ left }) => {
    for (let round = 0; round < 100; round++) {
      if (left !== undefined) await leftBehind(left);
      const wanted = await Promise.allSettled(Array.from({ length: 8 }, () => holdFolder(folder)));
      const held = wanted.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const refused = wanted.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
      expect({ round, held: held.length }).toEqual({ round, held: 1 });
      for (const reason of refused) expect(reason).toBeInstanceOf(FolderHeld);
      await held[0]?.release();
    }
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('is told as soon as one holds it, and free again when it is let go of', async () => {
    const lock = await holdFolder(folder);
    await expect(holdFolder(folder)).rejects.toThrow(`process ${process.pid}`);
    await lock.release();
    await (await holdFolder(folder)).release();
  });
});
