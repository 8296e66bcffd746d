import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPool, signHeadOfDay, urlOf } from '@strata/event-store/postgres';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callCli } from '../captured-call.js';
import { type SampleLog, writeSampleLog } from '../sample-log.js';

let postgres: TestPostgres;
let database: TestDatabase;
let folder: string;
let log: SampleLog;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'strata-cli-'));
  log = await writeSampleLog(database.worker, 9);
  return () => rm(folder, { recursive: true, force: true });
});

const call = (words: string, env: Record<string, string> = {}) =>
  callCli(words, { DATABASE_URL: database.worker, ...env });
const verify = (words = '', env: Record<string, string> = {}) => call(`log verify ${words}`, env);

const asAdmin = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: database.admin });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

describe('strata log verify', () => {
  it('says how far the log holds', async () => {
    const { code, out, err } = await verify();
    expect([code, err]).toEqual([0, []]);
    expect(out).toEqual([expect.stringMatching(/^verified 10 events up to position 10; hash [0-9a-f]{64}$/)]);
  });

  it.each([
    ['changed data', `update events set data = '{"name":"x"}' where position = 4`, 4, 'is not what was recorded'],
    ['a changed charge', `update events set charges = null where position = 3`, 3, 'is not what was recorded'],
    ['a changed hash', `update events set hash = sha256('x') where position = 5`, 5, 'does not follow'],
    ['a removed event', `delete from events where position = 6`, 7, 'where 6 was expected'],
  ])('names the first position that breaks after %s, and answers 1', async (_what, sql, position, meaning) => {
    await asAdmin(sql);
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out[0]).toContain(`position ${position}: `);
    expect(out[0]).toContain(meaning);
    expect(out.at(-1)).toMatch(new RegExp(`: the log breaks first at position ${position}$`));
  });

  it.each(['api', 'owner'] as const)(
    'does not take the log for empty as a role that cannot see it: %s',
    async (role) => {
      const DATABASE_URL =
        role === 'api' ? database.api : urlOf(database.admin, { user: 'strata_owner', password: 'owner' });
      const { code, out, err } = await verify('', { DATABASE_URL });
      expect([code, out]).toEqual([3, []]);
      expect(err).toEqual([expect.stringContaining('DATABASE_URL must be that of strata_worker')]);
    },
  );

  it('ends when it is interrupted', async () => {
    const interrupted = await callCli('log verify', { DATABASE_URL: database.worker }, AbortSignal.abort());
    expect(interrupted).toEqual({ code: 130, out: [], err: [] });
  });
});

describe('strata log verify --from-export', () => {
  const path = (name: string) => join(folder, name);

  it('needs no database, and finds what was changed in the file', async () => {
    await call(`log export --out ${path('log')}`);
    expect(await callCli(`log verify --from-export ${path('log')}`)).toMatchObject({
      code: 0,
      out: [expect.stringContaining('verified 10 events up to position 10')],
    });
    const text = await readFile(path('log'), 'utf8');
    await writeFile(path('changed'), text.replace('"type":"Held"', '"type":"Used"'));
    const { code, out } = await callCli(`log verify --from-export ${path('changed')}`);
    expect([code, out[0]]).toEqual([1, 'position 2: the event is not what was recorded']);
    await writeFile(path('short'), text.split('\n').slice(0, 7).join('\n'));
    expect((await callCli(`log verify --from-export ${path('short')}`)).out[0]).toBe(
      'position 6: the export is broken behind it: the end is missing',
    );
  });

  it('takes exports that continue each other as one', async () => {
    await call(`log export --out ${path('1')}`);
    await log.grow(4);
    await call(`log export --after 10 --out ${path('2')}`);
    const [first, second] = [`--from-export ${path('1')}`, `--from-export ${path('2')}`];
    expect(await callCli(`log verify ${first} ${second}`)).toMatchObject({
      code: 0,
      out: [expect.stringContaining('verified 14 events up to position 14')],
    });
    expect((await callCli(`log verify ${second}`)).out[0]).toBe(
      'position 11: the log goes on here where 1 was expected',
    );
    expect((await callCli(`log verify ${second} ${first}`)).code).toBe(1);
  });

  it('refuses to join exports of different logs', async () => {
    await asAdmin(`update log set incarnation = 'another'`);
    await call(`log export --out ${path('1')}`);
    const other = await postgres.createDatabase();
    await writeSampleLog(other.worker, 1);
    await callCli(`log export --out ${path('2')}`, { DATABASE_URL: other.worker });
    const { code, err } = await callCli(`log verify --from-export ${path('1')} --from-export ${path('2')}`);
    expect([code, err]).toEqual([3, [expect.stringContaining('is not of the same log as')]]);
  });

  it('names a file that cannot be read', async () => {
    const { code, err } = await callCli(`log verify --from-export ${path('none')}`);
    expect([code, err]).toEqual([3, [expect.stringContaining(`${path('none')}: there is no such file`)]]);
  });
});

describe('strata log verify, with the key of the heads', () => {
  const path = (name: string) => join(folder, name);
  const publicFile = async ({ publicKey }: { readonly publicKey: KeyObject }) => {
    await writeFile(path('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    return path('public.pem');
  };
  const signed = async ({ privateKey }: { readonly privateKey: KeyObject }, at: string) => {
    const pool = readPool(database.worker, 1, 10_000);
    const key = { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    await signHeadOfDay(pool, key, new Date(at)).finally(() => pool.end());
  };

  it('holds the log against the heads that the projector has signed', async () => {
    const key = generateKeyPairSync('ed25519');
    await signed(key, '2026-11-21T03:00:00.000Z');
    await log.grow(2);
    await signed(key, '2026-11-22T03:00:00.000Z');
    const held = `--signing-key-file ${await publicFile(key)}`;
    expect(await verify(held)).toMatchObject({
      code: 0,
      out: [expect.stringContaining('2 signed heads held, the newest of 2026-11-22T03:00:00.000Z')],
    });
    await asAdmin('delete from events where position > 11');
    const { code, out } = await verify(held);
    expect([code, out[0]]).toEqual([
      1,
      'position 12: the head signed at 2026-11-22T03:00:00.000Z lies here, behind the end: the tail was cut off',
    ]);
    expect((await verify()).code).toBe(0);
  });

  it('says when no head is signed with it', async () => {
    await signed(generateKeyPairSync('ed25519'), '2026-11-22T03:00:00.000Z');
    const { code, out } = await verify(`--signing-key-file ${await publicFile(generateKeyPairSync('ed25519'))}`);
    expect([code, out]).toEqual([0, [expect.stringContaining(', no head signed with this key; hash ')]]);
  });

  it('refuses a key that cannot verify, without showing it', async () => {
    await writeFile(path('key'), '-----BEGIN PUBLIC KEY-----\ngeheim\n-----END PUBLIC KEY-----\n');
    const { code, err } = await verify(`--signing-key-file ${path('key')}`);
    expect([code, err]).toEqual([2, [expect.stringContaining('the key cannot verify')]]);
    expect(err.join()).not.toContain('geheim');
  });
});

describe('strata log sign-head', () => {
  it('makes a tail that was cut off visible', async () => {
    const heads = join(folder, 'heads');
    const key = generateKeyPairSync('ed25519');
    const [privateFile, publicFile] = [join(folder, 'private.pem'), join(folder, 'public.pem')];
    await writeFile(privateFile, key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeFile(publicFile, key.publicKey.export({ type: 'spki', format: 'pem' }));
    for (let day = 0; day < 2; day += 1) {
      expect(await call(`log sign-head --signing-key-file ${privateFile} --out ${heads}`)).toMatchObject({ code: 0 });
      await log.grow(1);
    }
    const held = `--heads ${heads} --signing-key-file ${publicFile}`;
    expect(await verify(held)).toMatchObject({ code: 0, out: [expect.stringContaining('2 signed heads held')] });
    await asAdmin('delete from events where position > 10');
    expect((await verify()).code).toBe(0);
    const { code, out } = await verify(held);
    expect(code).toBe(1);
    expect(out[0]).toMatch(/^position 11: the head signed at \S+ lies here, behind the end: the tail was cut off$/);
  });

  it('signs with the secret of the environment, on the terminal', async () => {
    const STRATA_HEAD_SIGNING_KEY = randomBytes(32).toString('hex');
    const { code, out } = await call('log sign-head', { STRATA_HEAD_SIGNING_KEY });
    expect(code).toBe(0);
    expect(out).toHaveLength(1);
    expect(out[0]).not.toContain(STRATA_HEAD_SIGNING_KEY);
    const heads = join(folder, 'heads');
    await writeFile(heads, `${out[0]}\n`);
    expect((await verify(`--heads ${heads}`, { STRATA_HEAD_SIGNING_KEY })).code).toBe(0);
    const other = { STRATA_HEAD_SIGNING_KEY: randomBytes(32).toString('base64') };
    expect((await verify(`--heads ${heads}`, other)).out[0]).toContain('is not signed by this key');
  });

  it('refuses a key that cannot sign, without showing it', async () => {
    const path = join(folder, 'key');
    await writeFile(path, 'geheim');
    const short = await call(`log sign-head --signing-key-file ${path}`);
    expect([short.code, short.err]).toEqual([2, [expect.stringContaining('holds neither a PEM key nor a secret')]]);
    await writeFile(path, '-----BEGIN PRIVATE KEY-----\ngeheim\n-----END PRIVATE KEY-----\n');
    const broken = await call(`log sign-head --signing-key-file ${path}`);
    expect([broken.code, broken.err]).toEqual([2, [expect.stringContaining('the key cannot sign')]]);
    expect([...short.err, ...broken.err].join()).not.toContain('geheim');
  });

  it('refuses a file of heads that holds something else', async () => {
    const heads = join(folder, 'heads');
    await writeFile(heads, '{"position":1}\n');
    const { code, err } = await verify(`--heads ${heads}`, {
      STRATA_HEAD_SIGNING_KEY: randomBytes(32).toString('hex'),
    });
    expect([code, err]).toEqual([3, [expect.stringContaining(`${heads}: line 1 is no signed head`)]]);
  });
});
