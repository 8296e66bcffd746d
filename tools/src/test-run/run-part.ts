import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PartRun, VitestReport } from './report.ts';
import type { Part } from './suites.ts';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

export interface PartOptions {
  readonly limitMs: number;
  /** Nothing runs beside it: it may use two processes, and its output goes straight through. */
  readonly alone: boolean;
  readonly say: (line: string) => void;
  /** Asks it to end. */
  readonly stopped: AbortSignal;
  /** Ends it at once. */
  readonly killed: AbortSignal;
}

const readReport = (file: string): VitestReport | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined; // the caller counts a missing report as a failure
  }
};

/** How it ended. Vitest has its own process group, so that what hangs is ended with everything that it started. */
const ended = (child: ChildProcess, { limitMs, stopped, killed }: PartOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    let tooLong = false;
    const end = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // nobody of it runs any more; who holds its output does not belong to it
      }
    };
    const limit = setTimeout(() => {
      tooLong = true;
      end('SIGKILL');
    }, limitMs);
    const stop = () => end('SIGTERM');
    const kill = () => end('SIGKILL');
    stopped.addEventListener('abort', stop);
    killed.addEventListener('abort', kill);
    const settle = () => {
      clearTimeout(limit);
      stopped.removeEventListener('abort', stop);
      killed.removeEventListener('abort', kill);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', (code, signal) => {
      settle();
      resolve(tooLong ? `no end within ${limitMs / 60_000} minutes` : signal ? `signal ${signal}` : `code ${code}`);
    });
  });

/** Runs a part by Vitest. What it writes while others run is said when it has ended, in one piece. */
export const runPart = async (part: Part, options: PartOptions): Promise<PartRun> => {
  const { alone, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'strata-report-'));
  const file = join(folder, 'report.json');
  const started = performance.now();
  const output: Buffer[] = [];
  if (alone) say(`\n== ${part.title}`);
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const args = [vitest, 'run', ...reporters, ...(alone ? [] : ['--maxWorkers=1']), ...part.specs];
    const stdio: StdioOptions = alone ? 'inherit' : ['ignore', 'pipe', 'pipe'];
    const child = spawn(process.execPath, args, { cwd: part.directory, stdio, detached: true });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => output.push(data));
    const exit = await ended(child, options);
    const seconds = (performance.now() - started) / 1000;
    return { suite: part.suite, title: part.title, seconds, report: readReport(file), exit };
  } finally {
    if (!alone) say(`\n== ${part.title}\n${Buffer.concat(output).toString()}`);
    rmSync(folder, { recursive: true, force: true });
  }
};
