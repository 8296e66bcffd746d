import { randomBytes } from 'node:crypto';
import { access, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UnusableFile } from './unusable-file.js';

const Keys = z.object({
  postgresPassword: z.string(),
  ownerPassword: z.string(),
  apiPassword: z.string(),
  workerPassword: z.string(),
  cursorKey: z.string(),
});
/** Made once for a folder and kept in it, readable by its owner only. */
export type Keys = z.infer<typeof Keys>;

const newKey = (): string => randomBytes(24).toString('base64url');

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Beside first, then renamed: a kill in between leaves the old file or the new one, whole. */
export const writePrivately = async (path: string, value: unknown): Promise<void> => {
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
};

/** The database takes only the passwords that it was made with: without them its folder is of no use. */
const remedy = 'Bring it back from a copy, or begin anew with another STRATA_DATA_DIR';

export const keysOf = async (folder: string): Promise<Keys> => {
  const path = join(folder, 'keys.json');
  try {
    return Keys.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing || (await isThere(join(folder, 'postgres')))) throw new UnusableFile(path, remedy, error);
  }
  const keys: Keys = {
    postgresPassword: newKey(),
    ownerPassword: newKey(),
    apiPassword: newKey(),
    workerPassword: newKey(),
    cursorKey: randomBytes(32).toString('base64url'),
  };
  await writePrivately(path, keys);
  return keys;
};
