import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of memory, which make and remove the thousand files of a database five times as fast as a disk. */
const memory = '/dev/shm';
const enoughBytes = 6 * 2 ** 30;
const prefix = 'strata-test-run-';

const hasRoom = (path: string): boolean => {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize >= enoughBytes;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Of runs that were killed. */
const removeLeft = (parent: string): void => {
  for (const name of readdirSync(parent)) {
    const [, pid] = /^strata-test-run-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
};

/** Where the tests of one run make what they need, in memory where there is room for it; `TMPDIR` of the environment from now on. */
export const provideTemporaryFolder = (environment: NodeJS.ProcessEnv): { readonly remove: () => void } => {
  const parent = hasRoom(memory) ? memory : tmpdir();
  removeLeft(parent);
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  chmodSync(folder, 0o755); // as root PostgreSQL runs as another user, who must get through
  environment.TMPDIR = folder;
  return { remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) };
};
