import { open, readFile, rename, rm } from 'node:fs/promises';
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

const Holder = z.object({
  pid: z.int().positive(),
  /** Tells two processes with the same number apart; null where the system does not say. */
  bornAt: z.string().nullable(),
  since: z.string(),
});
type Holder = z.infer<typeof Holder>;

export interface FolderLock {
  release(): Promise<void>;
}

/** The 22nd field of /proc/<pid>/stat, counted behind the program's name, which may hold blanks (proc(5)). */
const birthOf = async (pid: number): Promise<string | null> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
};

const isAlive = async ({ pid, bornAt }: Holder): Promise<boolean> => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return bornAt === null || (await birthOf(pid)) === bornAt;
};

/** Undefined also for a file that no Strata wrote to its end. */
const holderIn = async (path: string): Promise<Holder | undefined> => {
  try {
    return Holder.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Only one Strata at a time works in a folder. What a killed one left behind is taken over. */
export const holdFolder = async (folder: string): Promise<FolderLock> => {
  const path = join(folder, 'lock');
  for (let tries = 0; tries < 5; tries++) {
    try {
      const file = await open(path, 'wx', 0o600);
      const holder: Holder = { pid: process.pid, bornAt: await birthOf(process.pid), since: new Date().toISOString() };
      await file.writeFile(JSON.stringify(holder));
      await file.close();
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await holderIn(path);
    if (holder !== undefined && (await isAlive(holder))) throw new FolderHeld(folder, holder.pid, holder.since);
    // By renaming: of two that take it over only one finds it under this name.
    const taken = `${path}.${process.pid}`;
    await rename(path, taken).catch(() => undefined);
    await rm(taken, { force: true });
  }
  throw new Error(`${path} could not be taken`);
};
