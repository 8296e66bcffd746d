import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namingFullDisk, prepareFolder, refuseTooSmall, UnusableFolder } from './prepare-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-prepare-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a folder for the data', () => {
  it('is made with all above it, for its owner only, and may be there already', async () => {
    const path = join(folder, 'a', 'b');
    await prepareFolder(path);
    await prepareFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, 'logs'))).isDirectory()).toBe(true);
  });

  it('is made once by those who want it at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => prepareFolder(join(folder, 'a', 'b'))));
  });

  it.each([
    { what: 'is a file', path: async () => file(), says: 'is not a folder' },
    { what: 'lies below a file', path: async () => join(await file(), 'x'), says: 'is not a folder' },
    { what: 'lies where nothing can be made', path: async () => '/proc/x', says: 'cannot be made there' },
    { what: 'lies deep where nothing can be made', path: async () => '/proc/x/y/z', says: 'cannot be made there' },
    { what: 'is a link to itself', path: async () => circle(), says: 'circle of links' },
    { what: 'is a link to nothing', path: async () => deadLink(), says: 'STRATA_DATA_DIR' },
  ])('is refused by the name of its setting where it $what', async ({ path, says }) => {
    const at = await path();
    const refused = await prepareFolder(at).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnusableFolder);
    expect(String(refused)).toContain(`STRATA_DATA_DIR: ${at} `);
    expect(String(refused)).toContain(says);
  });

  it.each([
    ['EACCES', 'may not be written by this user'],
    ['EROFS', 'can only be read'],
    ['ENOSPC', 'is full'],
    ['EDQUOT', 'no space left'],
    ['EIO', 'cannot be used (EIO)'],
  ])('has words for %s', (code, says) => {
    const { message } = new UnusableFolder('/data', Object.assign(new Error('raw'), { code }));
    expect(message).toContain('STRATA_DATA_DIR: /data');
    expect(message).toContain(says);
    expect(message).not.toContain('raw');
  });
});

describe('the disk of a first start', () => {
  const pages = (MiB: number): number => MiB * 256;

  it('is refused in one sentence where a database does not fit', () => {
    expect(() => refuseTooSmall('/data', { blocks: pages(500), bavail: pages(50), bsize: 4_096 })).toThrow(
      'STRATA_DATA_DIR: /data lies on a disk that has 50 MiB left, and a first start takes 128 MiB: make room there',
    );
  });

  it.each([
    { what: 'has room', blocks: pages(500), bavail: pages(128) },
    { what: 'does not count its room', blocks: 0, bavail: 0 },
  ])('is taken where it $what', ({ blocks, bavail }) => {
    expect(() => refuseTooSmall('/data', { blocks, bavail, bsize: 4_096 })).not.toThrow();
  });
});

describe('a fault while the data is being made', () => {
  it.each([
    'initdb failed (1): …\nFATAL: could not write to file "base/4/1249": No space left on device\n…',
    'simulator did not become ready (ended). The end of its log, /data/x.log:\n  ENOSPC: no space left on device, write',
  ])('is told as a full disk where it is one: %s', (said) => {
    expect(namingFullDisk('/data', new Error(said))).toMatchObject({
      message: expect.stringContaining('STRATA_DATA_DIR: /data lies on a disk that is full') as string,
    });
  });

  it('is left alone otherwise', () => {
    const other = new Error('worker did not become ready');
    expect(namingFullDisk('/data', other)).toBe(other);
  });
});

const file = async (): Promise<string> => {
  await writeFile(join(folder, 'file'), '');
  return join(folder, 'file');
};

const circle = async (): Promise<string> => {
  await symlink('circle', join(folder, 'circle'));
  return join(folder, 'circle');
};

const deadLink = async (): Promise<string> => {
  await symlink('nothing', join(folder, 'dead'));
  return join(folder, 'dead');
};
