import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one Vitest runs: the tests of a project, or one spec of those that run all of Strata. */
export interface Part {
  readonly title: string;
  /** The name of the suite that it belongs to. */
  readonly suite: string;
  readonly directory: string;
  readonly specs: readonly string[];
  /** Runs all of Strata, and may count on getting its share of the machine. */
  readonly wholeStack: boolean;
}

/** The tests of one project. */
export interface Suite {
  readonly name: string;
  readonly directory: string;
  readonly specs: readonly string[];
  /** Its tests run what was built: `dependsOn` of its target `test` says so. */
  readonly needsBuild: boolean;
}

/** What takes longest begins first, so that nobody waits for it alone in the end. */
const longest = [
  ...['apps/e2e/src/crash.spec.ts', 'apps/e2e/src/crash-further.spec.ts', 'apps/e2e/src/standalone.spec.ts'],
  ...['apps/e2e/src/standalone.interrupts.spec.ts', 'apps/e2e/src/database-crash.spec.ts'],
  ...['apps/worker', 'libs/event-store', 'libs/disks'],
];

/** Each of its specs runs all of Strata. */
const endToEnd = 'apps/e2e';

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
    .sort()
    .map((name) => ({
      name,
      directory: join(root, name),
      needsBuild: needsBuild(join(root, name)),
      specs: globSync('src/**/*.spec.ts', { cwd: join(root, name) }).sort(),
    }))
    .filter(({ specs }) => specs.length > 0);

/** In the order in which they are to begin. */
export const partsOf = (suites: readonly Suite[], isWanted: (spec: string) => boolean): Part[] => {
  const parts = suites.flatMap(({ name, directory, specs: all }): Part[] => {
    const specs = all.filter(isWanted);
    const part = { suite: name, directory };
    if (name !== endToEnd) return specs.length === 0 ? [] : [{ ...part, title: name, specs, wholeStack: false }];
    return specs.map((spec) => ({ ...part, title: `${name}/${spec}`, specs: [spec], wholeStack: true }));
  });
  const rank = ({ title }: Part): number => (longest.includes(title) ? longest.indexOf(title) : longest.length);
  return parts.sort((a, b) => rank(a) - rank(b));
};
