import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialsPrefix } from './catalogue.js';
import type { Environment } from './read-variables.js';

const reference = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Where bindings' credentials come from. The log has only the reference. */
export interface SecretSource {
  /** The secret's text, without the line break at its end; undefined when there is none under this reference. */
  read(ref: string): Promise<string | undefined>;
}

export const environmentName = (ref: string): string => credentialsPrefix + ref.toUpperCase().replaceAll('-', '_');

const readSecretFile = async (path: string): Promise<string | undefined> => {
  try {
    return (await readFile(path, 'utf8')).trimEnd();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** The environment first, then the folder: read anew each time, so a secret can be renewed without a restart. */
export const secretSource = (env: Environment, folder: string | undefined): SecretSource => ({
  read: async (ref) => {
    if (!reference.test(ref)) return undefined;
    const direct = env[environmentName(ref)];
    if (direct) return direct;
    return folder === undefined ? undefined : readSecretFile(join(folder, ref));
  },
});
