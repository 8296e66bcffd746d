import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FolderHeld, holdFolder, LockKept } from './folder-lock.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-lock-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The highest number that Linux gives is lower. */
const dead = JSON.stringify({ pid: 2 ** 22 + 1, bornAt: '1', since: '2026-01-01T00:00:00.000Z' });

/** A process that has ended under a parent that never asks about it, as under some first processes of containers. */
const unaskedAbout = async (): Promise<{ readonly pid: number; readonly parent: ChildProcess }> => {
  // It stays until its parent is no shell any more: a shell may ask about what has ended.
  const script = 'exec 3<&0; (read -r _ <&3) & echo $!; exec sleep 600';
  const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  const command = () => readFile(`/proc/${parent.pid}/comm`, 'utf8');
  await vi.waitUntil(async () => (await command()) === 'sleep\n', { timeout: 10_000 });
  parent.stdin.end();
  const state = () => readFile(`/proc/${pid}/stat`, 'utf8');
  await vi.waitUntil(async () => /\) Z /.test(await state()), { timeout: 10_000 });
  return { pid, parent };
};

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

  it.runIf(process.platform === 'linux')('is free when its holder has ended and nobody asked about it', async () => {
    const { pid, parent } = await unaskedAbout();
    try {
      await (await holdFolder(folder)).release();
      const bornAt = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')[21];
      await leftBehind(JSON.stringify({ pid, bornAt, since: '2026-01-01T00:00:00.000Z' }));
      await (await holdFolder(folder)).release();
    } finally {
      parent.kill();
    }
  });

  it('is told as soon as one holds it, and free again when it is let go of', async () => {
    const lock = await holdFolder(folder);
    await expect(holdFolder(folder)).rejects.toThrow(`process ${process.pid}`);
    await lock.release();
    await (await holdFolder(folder)).release();
  });
});

describe('a folder that cannot be let go of', () => {
  it('says so in a sentence, with the file and what comes of it', async () => {
    const own = await mkdtemp(join(folder, 'own-'));
    const lock = await holdFolder(own);
    await mkdir(join(own, 'lock.1.free')); // in the way, as a full disk would be
    const kept = await lock.release().catch((error: unknown) => error);
    expect(kept).toBeInstanceOf(LockKept);
    expect(String(kept)).toContain(
      `${join(own, 'lock.1')} could not be written to let go of the folder (EISDIR). Nothing is lost`,
    );
  });

  it('tells of a full disk as one', () => {
    const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(new LockKept('/data/lock.1', cause).message).toContain('(the disk is full)');
  });
});
