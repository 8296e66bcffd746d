import type { StatsFs } from 'node:fs';
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The folder that `STRATA_DATA_DIR` names cannot hold the data. */
export class UnusableFolder extends Error {
  override readonly name = 'UnusableFolder';
  constructor(path: string, cause: unknown) {
    const { code = 'no code' } = cause as NodeJS.ErrnoException;
    super(`STRATA_DATA_DIR: ${path} ${sayings[code] ?? `cannot be used (${code}): name another folder`}`, { cause });
  }
}

/** Told before anything is begun there: PostgreSQL would end in the middle of it. */
export class TooLittleRoom extends Error {
  override readonly name = 'TooLittleRoom';
  constructor(path: string, left: number) {
    const has = `has ${inMiB(left)} left, and a first start takes ${inMiB(firstStartTakes)}`;
    super(`STRATA_DATA_DIR: ${path} lies on a disk that ${has}: ${otherDisk}`);
  }
}

const mebibyte = 1024 * 1024;
const inMiB = (bytes: number): string => `${Math.floor(bytes / mebibyte)} MiB`;
/** An empty database, and the segments of 16 MiB that the write-ahead log of PostgreSQL begins with. */
const firstStartTakes = 128 * mebibyte;
const otherDisk = 'make room there, or name a folder on another disk';
const notAllowed = 'may not be written by this user: start as its owner, or name another folder';
const noFolder = 'is not a folder, or lies below something that is none: name another one';
const sayings: Readonly<Record<string, string>> = {
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  ENOENT: 'cannot be made there: name another folder',
  EACCES: notAllowed,
  EPERM: notAllowed,
  EROFS: 'lies on a disk that can only be read: name another folder',
  ENOSPC: `lies on a disk that is full: ${otherDisk}`,
  EDQUOT: `lies on a disk where this user has no space left: ${otherDisk}`,
  ELOOP: 'leads round in a circle of links: name another folder',
  ENAMETOOLONG: 'is too long: name another folder',
};

/** What the system says about the folder, in words that name the setting; anything else stays as it is. */
export const namingFolder = async <Result>(path: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new UnusableFolder(path, error);
    throw error;
  }
};

/** PostgreSQL and Node tell of a full disk at length, in the words of the C library. */
export const namingFullDisk = (path: string, fault: unknown): unknown =>
  fault instanceof Error && /no space left on device/i.test(fault.message)
    ? new UnusableFolder(path, Object.assign(fault, { code: 'ENOSPC' }))
    : fault;

/** Those that have to be made, outermost first. Every way up ends at `/`, which is there. */
const missingOn = async (path: string): Promise<readonly string[]> => {
  try {
    if ((await stat(path)).isDirectory()) return [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [...(await missingOn(dirname(path))), path];
    throw error;
  }
  throw Object.assign(new Error(`${path} is not a folder`), { code: 'ENOTDIR', syscall: 'stat' });
};

const makeAlone = (path: string): Promise<void> =>
  mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error; // another start was first
  });

/** A page of the disk is written and removed: what cannot take it cannot take a database either. */
const tryToWrite = async (path: string): Promise<void> => {
  const probe = join(path, `probe.${process.pid}`);
  try {
    await writeFile(probe, Buffer.alloc(8_192, 1), { mode: 0o600, flush: true });
  } finally {
    await rm(probe, { force: true });
  }
};

/**
 * Makes the folder, readable by its owner only, and refuses one that cannot be written.
 * Each level is made by itself: `mkdir` with `recursive` never ends below /proc, where a parent is there and takes nothing.
 */
export const prepareFolder = (path: string): Promise<void> =>
  namingFolder(path, async () => {
    for (const missing of await missingOn(path)) await makeAlone(missing);
    await refuseForeign(path);
    await makeAlone(join(path, 'logs'));
    await tryToWrite(path);
    if (await isFirstStart(path)) refuseTooSmall(path, await statfs(path));
  });

const isFirstStart = (path: string): Promise<boolean> =>
  stat(join(path, 'postgres')).then(
    () => false,
    () => true,
  );

/** A file system that counts no blocks says nothing of its room. */
export const refuseTooSmall = (
  path: string,
  { blocks, bavail, bsize }: Pick<StatsFs, 'blocks' | 'bavail' | 'bsize'>,
): void => {
  const left = bavail * bsize;
  if (blocks > 0 && left < firstStartTakes) throw new TooLittleRoom(path, left);
};

/** A folder of somebody else would end half written: refused with the remedy. */
const refuseForeign = async (path: string): Promise<void> => {
  const { uid } = await stat(path);
  const me = process.getuid?.();
  if (me !== undefined && uid !== me)
    throw new Error(
      `${path} belongs to user ${uid}, you are ${me}: start as its owner, or name another STRATA_DATA_DIR`,
    );
};
