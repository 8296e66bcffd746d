import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Another Strata holds the folder. */
export class FolderHeld extends Error {
  override readonly name = 'FolderHeld';
  constructor(folder: string, pid: number, since: string) {
    super(
      `${folder} is held by another Strata (process ${pid}, since ${since}). ` +
        `Stop it first, or name another folder and other ports: STRATA_DATA_DIR, STRATA_PORT, STRATA_SIMULATOR_PORT`,
    );
  }
}

/** All has ended, and the file that says so could not be written: as on a full disk. */
export class LockKept extends Error {
  override readonly name = 'LockKept';
  constructor(path: string, cause: unknown) {
    const { code = 'no code' } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOSPC' ? 'the disk is full' : code;
    super(
      `Everything has stopped, but ${path} could not be written to let go of the folder (${why}). Nothing is lost: the next ` +
        'start takes the folder over, and needs room on that disk.',
      { cause },
    );
  }
}

const Holder = z.object({
  pid: z.int().positive(),
  /** Tells two processes with the same number apart; null where the system does not say. */
  bornAt: z.string().nullable(),
  since: z.string(),
});
type Holder = z.infer<typeof Holder>;

export interface FolderLock {
  /** @throws LockKept */
  release(): Promise<void>;
}

interface Standing {
  readonly bornAt: string | null;
  /** It has ended, and keeps its number until its parent asks: in a container perhaps for ever. */
  readonly isZombie: boolean;
}

/** The 3rd and 22nd field of /proc/<pid>/stat, counted behind the program's name, which may hold blanks (proc(5)). */
const standingOf = async (pid: number): Promise<Standing> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { bornAt: fields[19] ?? null, isZombie: fields[0] === 'Z' };
  } catch {
    return { bornAt: null, isZombie: false };
  }
};

const isAlive = async ({ pid, bornAt }: Holder): Promise<boolean> => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const standing = await standingOf(pid);
  return !standing.isZombie && (bornAt === null || standing.bornAt === bornAt);
};

/** Undefined when it was let go of. */
const holderIn = async (path: string): Promise<Holder | undefined> => {
  try {
    return Holder.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a machine that lost its power left it empty
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const numbersIn = async (folder: string): Promise<readonly number[]> =>
  (await readdir(folder)).flatMap((name) => /^lock\.(\d{1,9})$/.exec(name)?.slice(1).map(Number) ?? []);

const newestIn = async (folder: string): Promise<number> => Math.max(0, ...(await numbersIn(folder)));

/** Appears with all that it says, or not at all; false when there is one of this number already. */
const appear = async (path: string, content: unknown): Promise<boolean> => {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, JSON.stringify(content), { mode: 0o600, flush: true });
  try {
    await link(beside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(beside);
  }
};

/** @throws LockKept */
const letGo = async (path: string): Promise<void> => {
  try {
    await writeFile(`${path}.free`, JSON.stringify({}), { mode: 0o600 });
    await rename(`${path}.free`, path);
  } catch (error) {
    throw new LockKept(path, error);
  }
};

/** As far as can be told before anything is made there. @throws FolderHeld */
export const refuseHeld = async (folder: string): Promise<void> => {
  const newest = await newestIn(folder).catch(() => 0);
  const holder = await holderIn(join(folder, `lock.${newest}`)).catch(() => undefined);
  if (holder !== undefined && (await isAlive(holder))) throw new FolderHeld(folder, holder.pid, holder.since);
};

const tries = 20;

/**
 * Only one Strata at a time works in a folder; what a killed one left behind is taken over. Whoever takes it makes the lock
 * with the next number, which only one can; the newest lock is never removed, so that numbers never come again.
 */
export const holdFolder = async (folder: string): Promise<FolderLock> => {
  const pathOf = (number: number) => join(folder, `lock.${number}`);
  const { bornAt } = await standingOf(process.pid);
  const me: Holder = { pid: process.pid, bornAt, since: new Date().toISOString() };
  for (let i = 0; i < tries; i++) {
    const before = await newestIn(folder);
    const holder = await holderIn(pathOf(before));
    if (holder !== undefined && (await isAlive(holder))) throw new FolderHeld(folder, holder.pid, holder.since);
    const mine = before + 1;
    if (!(await appear(pathOf(mine), me))) continue;
    const numbers = await numbersIn(folder);
    if (numbers.some((number) => number > mine)) {
      await rm(pathOf(mine)); // others took it and let go of it since we looked
      continue;
    }
    for (const number of numbers) if (number < mine) await rm(pathOf(number), { force: true });
    return { release: () => letGo(pathOf(mine)) };
  }
  throw new Error(`${folder} is taken and let go of too often: try again`);
};
