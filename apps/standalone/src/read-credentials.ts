import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credentials } from './seed-folder.js';

/** What a start before this one wrote; undefined on the first. */
export const readCredentials = async (dataDir: string): Promise<Credentials | undefined> => {
  try {
    return JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8')) as Credentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
