import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of memory, which make and remove the thousand files of a database five times as fast as a disk. */
const memory = '/dev/shm';
const enoughBytes = 6 * 2 ** 30;
const prefix = 'strata-test-run-';

const hasRoom = (path: string): boolean => {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(path);
  return Math.min(bavail * bsize, process.availableMemory()) >= enoughBytes;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Of runs that were killed. Those of other users are theirs to remove. */
const removeLeft = (parent: string): void => {
  for (const name of readdirSync(parent)) {
    const [, pid] = /^strata-test-run-(\d+)-/.exec(name) ?? [];
    const folder = join(parent, name);
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Another run may have removed it meanwhile.
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * Where the tests of one run make what they need: where `TMPDIR` says, else in memory where there is room for it. It is
 * `TMPDIR` of the environment from now on.
 */
export const provideTemporaryFolder = (environment: NodeJS.ProcessEnv): { readonly remove: () => void } => {
  const parent = environment.TMPDIR === undefined && hasRoom(memory) ? memory : tmpdir();
  removeLeft(parent);
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  chmodSync(folder, 0o755); // as root PostgreSQL runs as another user, who must get through
  environment.TMPDIR = folder;
  const remove = () => {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch {
      // something still writes there; the next run removes it
    }
  };
  return { remove };
};
