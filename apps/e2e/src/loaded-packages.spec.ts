import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { entryOf } from './harness/entries.js';

const program = `
  import { writeSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  let fault;
  process.once('exit', () => {
    writeSync(1, JSON.stringify(loaded));
    process.exitCode = fault === undefined ? 0 : 1; // what lacks its settings has said so by its own code
  });
  await import(process.argv[1]).catch((error) => console.error((fault = error)));
  process.exit();
`;

/** The modules that are loaded with one, as built, before it does anything. */
const loadedWith = async (module: string): Promise<readonly string[]> => {
  const args = ['--input-type=module', '--eval', program, module];
  // None starts without its settings, or with these: each says so, and ends.
  const env = { STRATA_PORT: 'none', STRATA_SIMULATOR_PORT: 'none' };
  const options = { cwd: import.meta.dirname, env, maxBuffer: 2 ** 24 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return (JSON.parse(stdout) as readonly string[]).filter((url) => url.startsWith('file:'));
};

const inPackage = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/;
const packagesOf = (modules: readonly string[]): readonly string[] => [
  ...new Set(modules.filter((url) => inPackage.test(url)).map((url) => url.replace(inPackage, '$1'))),
];

/** Half of what a process costs before it works is the loading of its modules. */
describe('what a process loads', () => {
  it.each(['worker', 'projector', 'simulator', 'standalone'])('the %s: no NestJS', async (app) => {
    const packages = packagesOf(await loadedWith(`@strata/${app}`));
    expect(packages).toContain('zod');
    expect(packages.filter((name) => name.startsWith('@nestjs/') || name === 'rxjs')).toEqual([]);
  });

  it('the api: no queue', async () => {
    const packages = packagesOf(await loadedWith('@strata/api'));
    expect(packages).toContain('@nestjs/core');
    expect(packages.filter((name) => name === 'bullmq' || name === 'ioredis')).toEqual([]);
  });

  it.each(['worker', 'projector', 'api', 'cli', 'simulator', 'standalone'] as const)(
    'the %s, as it is started: nothing of ours but its bundle',
    async (app) => {
      const entry = pathToFileURL(entryOf(app)).href;
      const loaded = await loadedWith(entry);
      const folder = new URL('./', entry).href;
      expect(loaded.filter((url) => !url.startsWith(folder) && !inPackage.test(url))).toEqual([]);
      expect(loaded).toContain(entry);
      expect(packagesOf(loaded)).not.toContain('zod');
    },
  );
});
