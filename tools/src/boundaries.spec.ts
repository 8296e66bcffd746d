import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

// Planted files do not exist, so the linter can know no types for them; every other rule is the workspace's own.
const untyped = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });
const typed = new ESLint({ cwd: root });

const lint = async (eslint: ESLint, file: string, code: string) => {
  const [result] = await eslint.lintText(code, { filePath: join(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId}: ${message}`);
};
const importing = (from: string) => `import * as planted from '${from}';\nexport const used = planted;\n`;

const nx = '@nx/enforce-module-boundaries';
const imports = 'no-restricted-imports';
const purity = '@typescript-eslint/no-restricted-imports';

describe('the boundary of', () => {
  it.each([
    ['kernel: imports no feature', 'libs/kernel/src/planted.ts', '@strata/disks', nx],
    ['kernel: imports no edge', 'libs/kernel/src/planted.ts', '@strata/event-store', nx],
    ['kernel: imports no package but zod', 'libs/kernel/src/planted.ts', '@nestjs/common', nx],
    ['platform: imports no edge', 'libs/http/src/planted.ts', '@strata/event-store', nx],
    ['platform: imports no other platform', 'libs/http/src/planted.ts', '@strata/config', nx],
    ['platform: imports no feature', 'libs/telemetry/src/planted.ts', '@strata/operations', nx],
    ['edges: imports no other edge', 'libs/queue/src/planted.ts', '@strata/event-store', nx],
    ['edges: imports no platform', 'libs/cloud/src/planted.ts', '@strata/config', nx],
    ['edges: imports no feature', 'libs/event-store/src/planted.ts', '@strata/quotas', nx],
    ['projects: imports no quotas', 'libs/projects/src/planted.ts', '@strata/quotas', nx],
    ['quotas: imports no operations', 'libs/quotas/src/planted.ts', '@strata/operations', nx],
    ['operations: imports no disks', 'libs/operations/src/planted.ts', '@strata/disks', nx],
    ['disks: imports no snapshots', 'libs/disks/src/planted.ts', '@strata/snapshots', nx],
    ['features: imports no BullMQ', 'libs/operations/src/planted.ts', 'bullmq', nx],
    ['features: imports no Redis client', 'libs/operations/src/planted.ts', 'ioredis', nx],
    ['features: imports no PostgreSQL client', 'libs/disks/src/disk-list/planted.ts', 'pg', nx],
    ['api: imports no BullMQ', 'apps/api/src/planted.ts', 'bullmq', nx],
    ['projects of the workspace: no relative import', 'libs/disks/src/planted.ts', '../../kernel/src/index.js', nx],
    ['features: imports no adapter', 'libs/disks/src/planted.ts', '@strata/cloud/evs', imports],
    ['features: imports no contract suite', 'libs/disks/src/planted.ts', '@strata/queue/contract', imports],
    ['apps: imports no controllers', 'apps/worker/src/planted.ts', '@strata/disks/http', imports],
    ['apps: imports no NestJS', 'apps/projector/src/planted.ts', '@strata/http/nest', imports],
    ['aggregates: imports no framework', 'libs/disks/src/disk/planted.ts', '@nestjs/common', purity],
    ['aggregates: imports no port', 'libs/operations/src/operation/planted.ts', '@strata/event-store', purity],
    ['aggregates: imports no module of Node.js', 'libs/projects/src/binding/planted.ts', 'node:crypto', purity],
    ['aggregates: imports nothing around it', 'libs/quotas/src/quota/planted.ts', '../quotas.module.js', purity],
    ['sources: imports no test harness', 'libs/disks/src/planted.ts', '@strata/testing', imports],
    ['apps: imports no test harness', 'apps/cli/src/planted.ts', '@strata/testing', imports],
    ['sources: imports no test runner', 'libs/kernel/src/planted.ts', 'vitest', imports],
  ])('%s', async (_title, file, from, rule) => {
    expect(await lint(untyped, file, importing(from))).toContainEqual(expect.stringMatching(`^${rule}: `));
  });

  it.each([
    ['kernel: may use zod', 'libs/kernel/src/planted.ts', 'zod'],
    ['disks: may use operations', 'libs/disks/src/planted.ts', '@strata/operations'],
    ['disks: may use the port of a cloud', 'libs/disks/src/planted.ts', '@strata/cloud'],
    ['disks: the aggregate may use the kernel', 'libs/disks/src/disk/planted.ts', '@strata/kernel'],
    ['disks: may use what answers operations', 'libs/disks/src/planted.ts', '@strata/operations/http'],
    ['disks: may declare routes', 'libs/disks/src/planted.ts', '@strata/http/nest'],
    ['snapshots: may use disks', 'libs/snapshots/src/planted.ts', '@strata/disks'],
    [
      'aggregates: may use a neighbour of the same feature',
      'libs/projects/src/binding/planted.ts',
      '../project/project.js',
    ],
    ['api: may mount controllers', 'apps/api/src/planted.ts', '@strata/disks/http'],
    ['apps: may plug in adapters', 'apps/worker/src/planted.ts', '@strata/cloud/evs'],
    ['specs: may use the harness', 'libs/disks/src/planted.spec.ts', '@strata/testing'],
    ['specs: may use the harness in an edge', 'libs/queue/src/planted.spec.ts', '@strata/testing'],
    ['specs: may use the harness in the kernel', 'libs/kernel/src/planted.spec.ts', 'fast-check'],
    ['contract suites: may use the test runner', 'libs/queue/src/contract/planted.ts', 'vitest'],
    ['e2e: may use the harness', 'apps/e2e/src/planted.ts', '@strata/testing'],
  ])('%s', async (_title, file, from) => {
    expect(await lint(untyped, file, importing(from))).toEqual([]);
  });
});

describe('an aggregate', () => {
  it('may use the types of a port', async () => {
    const code = "import type { LoadedStream } from '@strata/event-store';\nexport type Loaded = LoadedStream;\n";
    expect(await lint(untyped, 'libs/disks/src/disk/planted.ts', code)).toEqual([]);
  });
});

describe('the linter', () => {
  const clean = 'an aggregate is repeatable: ';
  it.each([
    [
      `${clean}no clock`,
      'libs/disks/src/disk/planted.ts',
      'export const now = () => Date.now();',
      'no-restricted-syntax',
    ],
    [`${clean}no new Date()`, 'libs/disks/src/disk/planted.ts', 'export const d = new Date();', 'no-restricted-syntax'],
    [
      `${clean}no random`,
      'libs/quotas/src/quota/planted.ts',
      'export const r = Math.random();',
      'no-restricted-syntax',
    ],
    [
      `${clean}no id`,
      'libs/disks/src/disk/planted.ts',
      'export const i = crypto.randomUUID();',
      'no-restricted-syntax',
    ],
    [`${clean}no wait`, 'libs/disks/src/disk/planted.ts', 'export const w = async () => 1;', 'no-restricted-syntax'],
    [
      'keeps the environment in main.ts',
      'libs/config/src/planted.ts',
      'export const e = process.env;',
      'no-restricted-properties',
    ],
    [
      'keeps the environment in main.ts of an app',
      'apps/api/src/planted.ts',
      'export const e = process.env;',
      'no-restricted-properties',
    ],
    ['knows no any', 'apps/api/src/planted.ts', 'export const a: any = 1;', '@typescript-eslint/no-explicit-any'],
    ['wants logs, not the console', 'libs/http/src/planted.ts', "console.log('x');", 'no-console'],
    ['wants files under 300 lines', 'libs/http/src/planted.ts', 'export {};\n'.repeat(301), 'max-lines'],
  ])('%s', async (_title, file, code, rule) => {
    expect(await lint(untyped, file, code)).toContainEqual(expect.stringMatching(`^${rule}: `));
  });

  it('lets main.ts read the environment', async () => {
    expect(await lint(untyped, 'apps/api/src/main.ts', 'export const e = process.env;')).toEqual([]);
  });

  it('finds a promise that nobody waits for', async () => {
    const code = 'export const start = async () => 1;\nexport const forget = () => { start(); };\n';
    const found = await lint(typed, 'libs/kernel/src/index.ts', code);
    expect(found).toContainEqual(expect.stringMatching('^@typescript-eslint/no-floating-promises: '));
  });
});
