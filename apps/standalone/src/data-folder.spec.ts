import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdFolder } from './folder-lock.js';
import { keysOf } from './keys.js';
import { readCredentials } from './read-credentials.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFile(join(folder, name), text);

describe('the lock of a data folder', () => {
  it.each(['', 'garbage', 'null', '{}', '{"pid":"1"}', '{"pid":-1}'])(
    'is taken over where its file says %j',
    async (text) => {
      await put('lock.7', text);
      const lock = await holdFolder(folder);
      await expect(holdFolder(folder)).rejects.toThrow(`process ${process.pid}`);
      await lock.release();
    },
  );
});

describe('the keys of a data folder', () => {
  it('stay as they were made', async () => {
    expect(await keysOf(folder)).toEqual(await keysOf(folder));
  });

  it.each(['', '{bad', '{"postgresPassword":1}'])(
    'are refused by the name of their file where it says %j',
    async (text) => {
      await put('keys.json', text);
      await expect(keysOf(folder)).rejects.toThrow(`${join(folder, 'keys.json')} is damaged. Bring it back`);
    },
  );

  it('are not made anew beside a database that knows the old ones', async () => {
    await mkdir(join(folder, 'postgres'));
    await expect(keysOf(folder)).rejects.toThrow('keys.json is not readable (ENOENT). Bring it back');
  });
});

describe('the credentials of a data folder', () => {
  it('are none before the first start', async () => {
    expect(await readCredentials(folder)).toBeUndefined();
  });

  it.each(['', '{bad', '{}', '{"tokens":{}}'])(
    'are refused by the name of their file where it says %j',
    async (text) => {
      await put('credentials.json', text);
      await expect(readCredentials(folder)).rejects.toThrow(
        'credentials.json is damaged. Bring it back, or move it away',
      );
    },
  );
});
