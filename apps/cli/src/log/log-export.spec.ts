import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callCli } from '../captured-call.js';
import { run } from '../run.js';
import { oddText, writeSampleLog } from '../sample-log.js';
import { writeWholeFile } from './whole-file.js';

let postgres: TestPostgres;
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  await writeSampleLog(database.worker, 4);
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-cli-'));
  return () => rm(folder, { recursive: true, force: true });
});

const call = (words: string) => callCli(`log export ${words}`, { DATABASE_URL: database.worker });

const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('strata log export', () => {
  it('writes a line for each event between what it is and where it ends', async () => {
    const { code, out, err } = await call('');
    expect([code, err]).toEqual([0, ['exported 5 events, up to position 5']]);
    const [first, ...rest] = parsed(out);
    expect(first).toMatchObject({ format: 'strata-log' });
    expect(rest.slice(0, -1).map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
    expect(rest[1]).toMatchObject({ type: 'Held', data: { name: oddText } });
    expect(rest.at(-1)).toMatchObject({ end: { position: 5 } });
  });

  it('writes the same into a file, and nothing beside it', async () => {
    const path = join(folder, 'log.ndjson');
    await writeFile(path, 'what stood there before');
    const { code, out } = await call(`--out ${path}`);
    expect([code, out]).toEqual([0, []]);
    expect(await readFile(path, 'utf8')).toBe(`${(await call('')).out.join('\n')}\n`);
    expect(await readdir(folder)).toEqual(['log.ndjson']);
  });

  it('says of what it is told once where a position is none', async () => {
    expect((await call('--after banana')).err).toEqual(['strata log export: --after must be a position, not "banana"']);
    expect((await call('--after 6')).err).toEqual(['strata log export: the log ends at position 5, before --after 6']);
  });

  it('goes on after a position, and says when nothing follows', async () => {
    const { out, err } = await call('--after 3');
    expect(
      parsed(out)
        .slice(1, -1)
        .map(({ position }) => position),
    ).toEqual([4, 5]);
    expect(err).toEqual(['exported 2 events, up to position 5']);
    expect(await call('--after 5')).toEqual({
      code: 0,
      out: [],
      err: ['nothing to export: the log ends at position 5'],
    });
    expect(await call('--after 6')).toMatchObject({ code: 2, err: [expect.stringContaining('ends at position 5')] });
  });

  it('follows a link to its file, and refuses what is no file', async () => {
    await writeFile(join(folder, 'file'), '');
    await symlink(join(folder, 'file'), join(folder, 'link'));
    expect((await call(`--out ${join(folder, 'link')}`)).code).toBe(0);
    expect((await readFile(join(folder, 'file'), 'utf8')).startsWith('{"format"')).toBe(true);
    await mkdir(join(folder, 'sub'));
    for (const path of [join(folder, 'sub'), '/dev/null']) {
      expect(await call(`--out ${path}`)).toMatchObject({ code: 3, err: [expect.stringContaining('is no file')] });
    }
    const missing = await call(`--out ${join(folder, 'none', 'log')}`);
    expect(missing).toMatchObject({
      code: 3,
      err: [expect.stringContaining('was not written: there is no such file')],
    });
  });

  const to = (out: NodeJS.WritableStream & { destroy(): unknown }, signal = new AbortController().signal) => {
    const err = new PassThrough();
    const env = { DATABASE_URL: database.worker };
    // What a terminal gives is a stream like these.
    const terminal = { out: out as never, err };
    return run({ args: ['log', 'export'], env, terminal, signal }).then((code) => ({ code, err: String(err.read()) }));
  };

  it('tells that the disk is full', async () => {
    const full = createWriteStream('/dev/full').on('error', () => undefined);
    const { code, err } = await to(full);
    expect([code, err]).toEqual([3, expect.stringContaining('the disk is full')]);
  });

  it('ends when nobody reads any more', async () => {
    const closed = new PassThrough();
    closed.on('error', () => undefined);
    closed.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await to(closed)).toEqual({ code: 141, err: 'null' });
  });
});

describe('a file that is written as a whole', () => {
  async function* endless(): AsyncGenerator<string> {
    for (;;) yield 'x'.repeat(1_000);
  }

  it('leaves what stood there, and nothing half, when it is interrupted', async () => {
    const path = join(folder, 'log');
    await writeFile(path, 'before');
    const interrupt = new AbortController();
    const lines = async function* () {
      for await (const [index, line] of counted(endless())) {
        if (index === 200) interrupt.abort();
        yield line;
      }
    };
    await expect(writeWholeFile(path, lines(), interrupt.signal)).rejects.toThrow();
    expect([await readdir(folder), await readFile(path, 'utf8')]).toEqual([['log'], 'before']);
  });

  it('leaves what stood there, and nothing half, when the source fails', async () => {
    const path = join(folder, 'log');
    const failing = async function* () {
      yield 'one';
      throw new Error('the connection was lost');
    };
    const writing = writeWholeFile(path, failing(), new AbortController().signal);
    await expect(writing).rejects.toThrow('the connection was lost');
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing half when there is no room for it', async () => {
    // A bound on the size of files stands for a full disk: the write fails in the same place.
    const limited = await new Promise<{ code: unknown; err: string }>((resolve) => {
      const script = `ulimit -f 8; exec "$0" "$@"`;
      const program = `import('${join(import.meta.dirname, 'whole-file.ts')}')`;
      const args = ['-c', script, process.execPath, ...nodeArgs(program, join(folder, 'log'))];
      execFile('/bin/sh', args, (error, _out, err) => resolve({ code: error?.code ?? 0, err }));
    });
    expect(limited).toEqual({ code: 3, err: expect.stringContaining('the file is larger than is allowed here') });
    expect(await readdir(folder)).toEqual([]);
  });
});

async function* counted<T>(items: AsyncIterable<T>): AsyncGenerator<readonly [number, T]> {
  let index = 0;
  for await (const item of items) yield [index++, item];
}

/** Node runs our sources as they are where they use erasable syntax only, once `.js` is resolved to them. */
const nodeArgs = (program: string, path: string): readonly string[] => [
  '--input-type=module',
  '--eval',
  `import { registerHooks } from 'node:module';
   registerHooks({ resolve: (name, context, next) => next(name.startsWith('.') ? name.replace(/js$/, 'ts') : name, context) });
   const { writeWholeFile } = await ${program};
   async function* lines() { for (let n = 0; n < 1000; n += 1) yield 'x'.repeat(1000); }
   await writeWholeFile(${JSON.stringify(path)}, lines(), new AbortController().signal).catch((error) => {
     console.error(error.message);
     process.exitCode = 3;
   });`,
];
