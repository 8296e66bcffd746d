import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '@strata/event-store/embedded';

const prefix = 'strata-test-';

/** Two processes may remove the same one at the same time. */
const isOurs = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ uid }) => uid === process.getuid?.(),
    () => false,
  );

/** A folder of this process, which tells so by its name; as root a server in it runs as another user, who must get through. */
export const ownFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  await chmod(folder, 0o755);
  return folder;
};

/** Removes the folders of processes that were killed and could not. Those of other users are theirs to remove. */
export const removeLeftFolders = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = /^strata-test-(\d+)-/.exec(name) ?? [];
    const folder = join(tmpdir(), name);
    if (pid === undefined || isAlive(Number(pid)) || !(await isOurs(folder))) continue;
    await rm(folder, { recursive: true, force: true });
  }
};
