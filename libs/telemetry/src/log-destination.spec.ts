import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from './index.js';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

const opened = (path: string, flags: number): number => {
  const descriptor = openSync(path, flags);
  undo.push(() => closeSync(descriptor));
  return descriptor;
};

/** A pipe that takes 64 KiB and refuses more until somebody reads. */
const smallPipe = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  undo.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return opened(path, constants.O_RDWR | constants.O_NONBLOCK);
};

const readAll = (descriptor: number): string => {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(65_536);
  try {
    for (;;) chunks.push(Buffer.from(chunk.subarray(0, readSync(descriptor, chunk))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
};

describe('a log whose file takes nothing', () => {
  it('holds up nobody and throws at nobody, as on a full disk', () => {
    const logger = createLogger({ name: 'spec', level: 'info', descriptor: opened('/dev/full', constants.O_WRONLY) });
    expect(() => {
      for (let line = 0; line < 100; line += 1) logger.info({ line }, 'on a full disk');
      logger.fatal('also the last words');
    }).not.toThrow();
  });

  it('is whole, line by line, when it takes some again, and says how many are missing', () => {
    const pipe = smallPipe();
    const logger = createLogger({ name: 'spec', level: 'info', descriptor: pipe });
    const sent = 3_000;
    for (let line = 0; line < sent; line += 1) logger.info({ line, filler: 'ä'.repeat(500) }, 'filled');
    let text = readAll(pipe);
    let rounds = 0;
    for (; rounds < 100 && !text.includes('droppedLines'); rounds += 1) {
      logger.info('after');
      text += readAll(pipe);
    }
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly line?: number; readonly droppedLines?: number });
    const filled = lines.flatMap(({ line }) => line ?? []);
    expect(filled).toEqual(Array.from({ length: filled.length }, (_, index) => index));
    expect(filled.length).toBeLessThan(sent);
    const dropped = lines.flatMap(({ droppedLines }) => droppedLines ?? []);
    expect(dropped).toEqual([sent + rounds - (lines.length - 1)]);
  });
});
