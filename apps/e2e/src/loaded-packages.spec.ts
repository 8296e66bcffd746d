import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const program = `
  import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({
    load(url, context, next) {
      const name = url.split('/node_modules/').at(-1).split('/');
      if (url.includes('/node_modules/')) loaded.add(name[0].startsWith('@') ? name.slice(0, 2).join('/') : name[0]);
      return next(url, context);
    },
  });
  await import(process.argv[1]);
  process.stdout.write(JSON.stringify([...loaded]), () => process.exit());
`;

/** The packages of npm that an app, as built, has loaded before it does anything. */
const loadedBy = async (app: string): Promise<readonly string[]> => {
  const args = ['--input-type=module', '--eval', program, `@strata/${app}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  return JSON.parse(stdout) as readonly string[];
};

/** Half of what a process costs before it works is the loading of its modules. */
describe('what a process loads', () => {
  it.each(['worker', 'projector', 'simulator', 'standalone'])('the %s: no NestJS', async (app) => {
    const loaded = await loadedBy(app);
    expect(loaded).toContain('zod');
    expect(loaded.filter((name) => name.startsWith('@nestjs/') || name === 'rxjs')).toEqual([]);
  });

  it('the api: no queue', async () => {
    const loaded = await loadedBy('api');
    expect(loaded).toContain('@nestjs/core');
    expect(loaded.filter((name) => name === 'bullmq' || name === 'ioredis')).toEqual([]);
  });
});
