import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const nx = join(dirname(createRequire(import.meta.url).resolve('nx/package.json')), 'dist/bin/nx.js');

/** Builds every project, from Nx's cache where nothing has changed. */
export const buildAll = (root: string): boolean =>
  spawnSync(process.execPath, [nx, 'run-many', '-t', 'build', '--outputStyle=stream-without-prefixes'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  }).status === 0;
