import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SuiteRun, VitestReport } from './report.ts';
import type { Suite } from './suites.ts';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const readReport = (file: string): VitestReport | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined; // the caller counts a missing report as a failure
  }
};

/** Runs Vitest in its own process group, so that what hangs is ended with everything that it started. */
const spawnBounded = (args: readonly string[], directory: string, limitMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: directory, stdio: 'inherit', detached: true });
    let tooLong = false;
    const end = (signal: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, signal);
    const limit = setTimeout(() => {
      tooLong = true;
      end('SIGKILL');
    }, limitMs);
    process.on('SIGINT', end).on('SIGTERM', end);
    const settle = () => {
      clearTimeout(limit);
      process.off('SIGINT', end).off('SIGTERM', end);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      settle();
      resolve(tooLong ? `no end within ${limitMs / 60_000} minutes` : signal ? `signal ${signal}` : `code ${code}`);
    });
  });

/** One suite by Vitest; its output goes straight through. */
export const runSuite = async (suite: Suite, exclude: readonly string[], limitMs: number): Promise<SuiteRun> => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-test-run-'));
  const file = join(folder, 'report.json');
  const started = performance.now();
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const excluded = exclude.map((spec) => `--exclude=${spec}`);
    const exit = await spawnBounded([vitest, 'run', ...reporters, ...excluded], suite.directory, limitMs);
    return { suite: suite.name, seconds: (performance.now() - started) / 1000, report: readReport(file), exit };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
