import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UnusableFile } from './unusable-file.js';
import type { Credentials } from './seed-folder.js';

const Known = z.looseObject({
  tokens: z.object({ platformAdmin: z.string().min(1), alpha: z.string().min(1), beta: z.string().min(1) }),
});

/** What a start before this one wrote; undefined on the first. */
export const readCredentials = async (dataDir: string): Promise<Pick<Credentials, 'tokens'> | undefined> => {
  const path = join(dataDir, 'credentials.json');
  try {
    return Known.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UnusableFile(path, 'Bring it back, or move it away: the next start issues new tokens', error);
  }
};
