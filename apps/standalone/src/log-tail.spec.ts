import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLogTail } from './log-tail.js';

let folder: string;
let log: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-tail-'));
  log = join(folder, 'api.log');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what is told of a process that ended', () => {
  it('names its log and ends with the last lines of it', async () => {
    await writeFile(log, Array.from({ length: 5_000 }, (_, line) => `line ${line}\n`).join(''));
    const told = await withLogTail('api ended (1)', log);
    expect(told.split('\n')).toEqual([
      `api ended (1). The end of its log, ${log}:`,
      ...Array.from({ length: 12 }, (_, line) => `  line ${4_988 + line}`),
    ]);
  });

  it('says so when nothing was logged', async () => {
    await writeFile(log, '');
    expect(await withLogTail('api ended (SIGKILL)', log)).toBe(`api ended (SIGKILL). Its log is empty: ${log}`);
  });

  it('names the log also when it cannot be read', async () => {
    expect(await withLogTail('api ended (1)', join(folder, 'none'))).toContain(join(folder, 'none'));
  });
});
