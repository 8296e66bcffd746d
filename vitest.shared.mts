import swc from 'unplugin-swc';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

type TestOptions = NonNullable<ViteUserConfig['test']>;

/** One Vitest configuration for every project: decorators through SWC, workspace packages from their sources. */
export const strataVitest = (overrides: TestOptions = {}): ViteUserConfig =>
  defineConfig({
    plugins: [swc.vite({ module: { type: 'nodenext' } })],
    resolve: { conditions: ['strata-source'] },
    ssr: { resolve: { conditions: ['strata-source'], externalConditions: ['strata-source'] } },
    test: {
      include: ['src/**/*.spec.ts'],
      testTimeout: 60_000,
      hookTimeout: 120_000,
      // By default a second, in which a busy machine may do nothing at all.
      expect: { poll: { timeout: 20_000 } },
      // Vitest leaves one core to itself: of two, that is half of the machine, and most tests wait for databases and clocks.
      maxWorkers: 2,
      // A process serves many files: modules are loaded once, and one PostgreSQL lasts (libs/testing).
      isolate: false,
      passWithNoTests: true,
      ...overrides,
    },
  });
