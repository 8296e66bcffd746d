import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configurationDocument } from './document.js';
import {
  ConfigurationFaults,
  knownEnvironmentKeys,
  loadApiConfig,
  loadCliConfig,
  loadProjectorConfig,
  loadStandaloneConfig,
  loadWorkerConfig,
  secretSource,
} from './index.js';

const DATABASE_URL = 'postgresql://strata_api:hunter2@127.0.0.1:5432/strata';
const STRATA_CURSOR_KEY = 'ab'.repeat(32);

const faultsOf = (load: () => unknown): ConfigurationFaults => {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigurationFaults) return error;
    throw error;
  }
  throw new Error('expected faults');
};

describe('the configuration of the api', () => {
  it('needs the database and the key of the cursors, all else has a default', () => {
    const config = loadApiConfig({ DATABASE_URL, STRATA_CURSOR_KEY });
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 7070, maximumBodyBytes: 1_048_576 });
    expect(config.http.cursorKey).toHaveLength(32);
    expect(config.database).toMatchObject({ url: DATABASE_URL, directUrl: DATABASE_URL, poolSize: 10 });
    expect(config.lane).toEqual({
      batchAppends: 500,
      batchEvents: 2_000,
      batchBytes: 1_048_576,
      waitingAppends: 5_000,
      waitingBytes: 16_777_216,
    });
  });

  it('names every fault at once, by variable and rule', () => {
    const { faults } = faultsOf(() =>
      loadApiConfig({ DATABASE_URL: 'mysql://x', STRATA_PORT: '70700', STRATA_LOG_LEVEL: 'loud' }),
    );
    expect(faults).toEqual([
      { variable: 'DATABASE_URL', rule: expect.stringMatching(/^must be a URL that begins with postgres:/) },
      { variable: 'STRATA_CURSOR_KEY', rule: 'is required' },
      { variable: 'STRATA_LOG_LEVEL', rule: 'must be one of fatal, error, warn, info, debug, trace, silent' },
      { variable: 'STRATA_PORT', rule: 'must be a whole number from 0 to 65535' },
    ]);
  });

  it.each(['p#w/x@db:5432', 'p%zz@db:5432', 'pw@db:99999'])(
    'names what a URL of PostgreSQL has to be written like: %s',
    (rest) => {
      const DATABASE_URL = `postgres://strata_worker:${rest}/strata`;
      const { faults } = faultsOf(() => loadApiConfig({ DATABASE_URL, STRATA_CURSOR_KEY: 'ab'.repeat(32) }));
      expect(faults).toEqual([{ variable: 'DATABASE_URL', rule: expect.stringContaining('percent-encoded') }]);
    },
  );

  it('never repeats a value', () => {
    const { message } = faultsOf(() =>
      loadApiConfig({ DATABASE_URL: 'mysql://root:hunter2@x', STRATA_CURSOR_KEY: 'hunter2' }),
    );
    expect(message).toContain('STRATA_CURSOR_KEY must be at least 32 bytes in hex or base64');
    expect(message).not.toContain('hunter2');
  });

  it('knows a misspelt variable, and what was meant', () => {
    const { faults } = faultsOf(() =>
      loadApiConfig({ DATABASE_URL, STRATA_CURSOR_KEY, STRATA_PROT: '1', STRATA_UNHEARD_OF: '1' }),
    );
    expect(faults).toEqual([
      { variable: 'STRATA_PROT', rule: 'is not known; is STRATA_PORT meant?' },
      { variable: 'STRATA_UNHEARD_OF', rule: 'is not known' },
    ]);
  });

  it('takes a variable set to nothing as absent, and leaves other programs’ variables alone', () => {
    const config = loadApiConfig({ DATABASE_URL, STRATA_CURSOR_KEY, STRATA_PORT: '', PATH: '/bin', REDIS_URL: 'x' });
    expect(config.http.port).toBe(7070);
  });
});

describe('the configuration of worker and projector', () => {
  it('puts the queue into Redis only when Redis is named', () => {
    expect(loadWorkerConfig({ DATABASE_URL }).queue).toEqual({ kind: 'postgres', url: DATABASE_URL });
    expect(loadProjectorConfig({ DATABASE_URL, REDIS_URL: 'redis://127.0.0.1' }).queue).toEqual({
      kind: 'redis',
      url: 'redis://127.0.0.1',
    });
  });

  it('signs heads with a private key or with a secret, and shows neither when it cannot', () => {
    const keyOf = (STRATA_HEAD_SIGNING_KEY: string) =>
      loadProjectorConfig({ DATABASE_URL, STRATA_HEAD_SIGNING_KEY }).headSigningKey;
    const pem = ({ privateKey: made }: { readonly privateKey: KeyObject }) =>
      made.export({ type: 'pkcs8', format: 'pem' }).toString();
    const privateKey = pem(generateKeyPairSync('ed25519'));
    expect(keyOf(privateKey)).toEqual({ privateKey });
    expect(keyOf('ab'.repeat(32))).toEqual({ secret: Buffer.alloc(32, 0xab) });
    for (const unfit of [pem(generateKeyPairSync('x25519')), 'hunter2', '-----BEGIN PRIVATE KEY-----\nhunter2\n']) {
      const { message } = faultsOf(() => keyOf(unfit));
      expect(message).toContain('STRATA_HEAD_SIGNING_KEY must be an ed25519 private key in PEM, or at least 32 bytes');
      expect(message).not.toContain(unfit);
    }
  });

  it('keeps the queue in PostgreSQL off the pooler', () => {
    const DATABASE_DIRECT_URL = 'postgres://127.0.0.1:5433/strata';
    const BULLMQ_DATABASE_URL = 'postgres://127.0.0.1:5434/queue';
    expect(loadWorkerConfig({ DATABASE_URL, DATABASE_DIRECT_URL }).queue.url).toBe(DATABASE_DIRECT_URL);
    expect(loadWorkerConfig({ DATABASE_URL, DATABASE_DIRECT_URL, BULLMQ_DATABASE_URL }).queue.url).toBe(
      BULLMQ_DATABASE_URL,
    );
  });
});

describe('the configuration of the embedded mode and the command line', () => {
  it('is complete without any variable', () => {
    expect(loadStandaloneConfig({})).toMatchObject({ dataDir: '.strata', port: 7070, simulatorPort: 7071 });
    expect(loadCliConfig({})).toMatchObject({ databaseUrl: undefined, dataDir: '.strata' });
  });

  it('names every fault that a process of the embedded mode would stumble over', () => {
    const { faults } = faultsOf(() =>
      loadStandaloneConfig({ STRATA_LOG_LEVEL: 'loud', STRATA_CLOUD_REQUESTS_PER_SECOND: '0', DATABASE_URL: 'unread' }),
    );
    expect(faults.map(({ variable }) => variable).toSorted()).toEqual([
      'STRATA_CLOUD_REQUESTS_PER_SECOND',
      'STRATA_LOG_LEVEL',
    ]);
  });

  it('does not put two servers on one port', () => {
    const { message } = faultsOf(() => loadStandaloneConfig({ STRATA_PORT: '8080', STRATA_SIMULATOR_PORT: '8080' }));
    expect(message).toContain('STRATA_SIMULATOR_PORT must not be the same as STRATA_PORT (8080)');
    expect(loadStandaloneConfig({ STRATA_PORT: '0', STRATA_SIMULATOR_PORT: '0' }).port).toBe(0);
  });
});

describe('a secret that a binding refers to', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'strata-secrets-'));
    await writeFile(join(folder, 'evs-eu'), 'from the file\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('comes from the environment, else from its file', async () => {
    expect(await secretSource({ STRATA_CREDENTIALS_EVS_EU: 'from the environment' }, folder).read('evs-eu')).toBe(
      'from the environment',
    );
    expect(await secretSource({}, folder).read('evs-eu')).toBe('from the file');
    expect(await secretSource({}, undefined).read('evs-eu')).toBeUndefined();
    expect(await secretSource({}, folder).read('absent')).toBeUndefined();
  });

  it('is never looked for outside its folder', async () => {
    expect(await secretSource({}, folder).read('../evs-eu')).toBeUndefined();
    expect(await secretSource({}, join(folder, 'sub')).read('../evs-eu')).toBeUndefined();
  });

  it('may stand in the environment under any reference', () => {
    const config = loadWorkerConfig({ DATABASE_URL, STRATA_CREDENTIALS_SIMULATOR: 'x' });
    expect(config.cloud.sendBeforeMs).toBe(10_000);
  });
});

describe('the documentation of the configuration', () => {
  it('is made from the catalogue and up to date', async () => {
    const path = join(import.meta.dirname, '../../../docs/configuration.md');
    const text = await format(configurationDocument(), { ...(await resolveConfig(path)), parser: 'markdown' });
    await expect(text).toMatchFileSnapshot(path);
    for (const name of knownEnvironmentKeys) expect(text).toContain(`\`${name}\``);
  });
});
