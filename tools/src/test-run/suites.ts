import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tests of one project. */
export interface Suite {
  readonly name: string;
  readonly directory: string;
  readonly specs: readonly string[];
  /** Its tests run what was built: `dependsOn` of its target `test` says so. */
  readonly needsBuild: boolean;
}

/** What runs last: the tools lint the whole workspace, the end-to-end tests use both cores. */
const last = ['tools', 'apps/e2e'];

/** Specs that need a `redis-server` say so in their name. */
export const needsRedis = (spec: string): boolean => spec.endsWith('.redis.spec.ts');

interface Manifest {
  readonly nx?: { readonly targets?: { readonly test?: { readonly dependsOn?: readonly string[] } } };
}

const needsBuild = (directory: string): boolean => {
  const { nx } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  return nx?.targets?.test?.dependsOn?.includes('build') ?? false;
};

/** Every project with at least one spec, or those of `only` (as `libs/queue`). */
export const findSuites = (root: string, only: readonly string[] = []): Suite[] =>
  globSync(['libs/*', 'apps/*', 'tools'], { cwd: root })
    .filter((project) => existsSync(join(root, project, 'vitest.config.mts')))
    .filter((project) => only.length === 0 || only.includes(project))
    .sort((a, b) => last.indexOf(a) - last.indexOf(b) || a.localeCompare(b))
    .map((name) => ({
      name,
      directory: join(root, name),
      needsBuild: needsBuild(join(root, name)),
      specs: globSync('src/**/*.spec.ts', { cwd: join(root, name) }).sort(),
    }))
    .filter(({ specs }) => specs.length > 0);
