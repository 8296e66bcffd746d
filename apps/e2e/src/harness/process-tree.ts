import { readdir, readFile } from 'node:fs/promises';

/** The parent of each process that runs now (proc(5): the fourth field of `stat`, behind the program's name). */
const parents = async (): Promise<ReadonlyMap<number, number>> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
      const [state, parent] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
      return state === undefined || state === 'Z' ? undefined : ([pid, Number(parent)] as const);
    }),
  );
  return new Map(found.filter((each) => each !== undefined));
};

/** A process with all that it started, directly or not. */
export const familyOf = async (pid: number): Promise<readonly number[]> => {
  const parentOf = await parents();
  const family = new Set([pid]);
  for (let grown = true; grown;) {
    grown = false;
    for (const [child, parent] of parentOf) {
      if (!family.has(parent) || family.has(child)) continue;
      family.add(child);
      grown = true;
    }
  }
  return [...family];
};

/** Those of them that still run; one that ended and was not waited for does not count. */
export const runningOf = async (pids: readonly number[]): Promise<readonly number[]> => {
  const known = await parents();
  return pids.filter((pid) => known.has(pid));
};

/** To each of them, also to those that have left already. */
export const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
};
