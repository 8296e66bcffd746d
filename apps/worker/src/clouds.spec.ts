import type { CloudAccess } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { EventTypes } from '@strata/event-store';
import { PostgresEventStore } from '@strata/event-store/postgres';
import { BindingId, ProjectId } from '@strata/kernel';
import { bindingEvents } from '@strata/projects';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Clouds, type CloudsPorts } from './clouds.js';

const secret = JSON.stringify({ domain: 'd', user: 'u', password: 'p' });
const access = {
  name: 'simulator',
  kind: 'evs',
  region: 'eu-de',
  endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' },
  cloudProjectId: '0123456789abcdef0123456789abcdef',
  credentials: { ref: 'simulator' },
};

let postgres: TestPostgres;
let store: PostgresEventStore;
let clouds: Clouds;
let bindingId: BindingId;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  const database = await postgres.createDatabase();
  store = new PostgresEventStore({ url: database.worker, types: new EventTypes([bindingEvents]), poolSize: 4 });
  bindingId = BindingId.parse(newId());
  const events = [{ type: 'BindingAdded', schemaVersion: 1, data: access }];
  const verdict = await store.append({
    appendId: newId(),
    mode: 'command',
    streams: [{ stream: `binding-${bindingId}`, projectId: ProjectId.parse(bindingId), expectedVersion: 0, events }],
    changes: [{ change: 'binding-added', bindingId }],
    meta: { actorId: newId() },
  });
  expect(verdict.status).toBe('committed');
});
afterEach(async () => {
  await clouds.close();
  await store.close();
});

/** What was opened, in order. */
const cloudsWith = (change: Partial<CloudsPorts> = {}): EvsDiskCloud[] => {
  const opened: EvsDiskCloud[] = [];
  clouds = new Clouds({
    store,
    secretOf: () => Promise.resolve(secret),
    open: (given) => {
      const cloud = new EvsDiskCloud(given);
      opened.push(cloud);
      return cloud;
    },
    onFault: () => undefined,
    nowMs: () => 0,
    ...change,
  });
  return opened;
};

describe('the clouds of a worker', () => {
  it('are opened once for a binding, however many steps ask at the same time', async () => {
    const opened = cloudsWith();
    const had = await Promise.all(Array.from({ length: 20 }, () => clouds.of(bindingId)));
    expect(opened).toHaveLength(1);
    expect(new Set(had)).toEqual(new Set(opened));
  });

  it('can be had again after the secret, or the log, could not be read for a moment', async () => {
    let reads = 0;
    const opened = cloudsWith({
      secretOf: () => (++reads === 1 ? Promise.reject(new Error('EIO')) : Promise.resolve(secret)),
    });
    await expect(clouds.of(bindingId)).rejects.toThrow('EIO');
    expect(await clouds.of(bindingId)).toBe(opened[0]);
  });

  it('are opened anew once when the secret has changed', async () => {
    let nowMs = 0;
    let password = 'p';
    const opened = cloudsWith({
      nowMs: () => nowMs,
      secretOf: () => Promise.resolve(JSON.stringify({ domain: 'd', user: 'u', password })),
    });
    await clouds.of(bindingId);
    password = 'q';
    nowMs = 60_000;
    const had = await Promise.all(Array.from({ length: 5 }, () => clouds.of(bindingId)));
    expect(opened).toHaveLength(2);
    expect(new Set(had)).toEqual(new Set([opened[1]]));
  });

  const keys = { accessKey: 'AK', secretKey: 'a-secret-key' };
  const secretIs = (value: object) => ({ secretOf: () => Promise.resolve(JSON.stringify(value)) });

  it.each([keys, { ...keys, signature: 'scoped' }, { ...keys, securityToken: 't', signature: 'simple' }])(
    'are opened with access keys where the secret holds such: %j',
    async (credentials) => {
      const given: CloudAccess[] = [];
      cloudsWith({
        ...secretIs(credentials),
        open: (opened) => {
          given.push(opened);
          return new EvsDiskCloud(opened);
        },
      });
      expect(await clouds.of(bindingId)).toBeDefined();
      expect(given).toMatchObject([{ kind: 'evs', credentials }]);
    },
  );

  it.each([{ ...keys, signature: 'third' }, { ...keys, securitytoken: 't' }, { accessKey: 'AK' }])(
    'are not had while the secret is neither user nor keys, and nothing of it is told: %j',
    async (credentials) => {
      const told: string[] = [];
      cloudsWith({ ...secretIs(credentials), onFault: (_, problem) => told.push(problem) });
      expect(await clouds.of(bindingId)).toBeUndefined();
      expect(told).toEqual([
        'the secret simulator is neither {domain, user, password} nor ' +
          '{accessKey, secretKey, securityToken?, signature?: simple | scoped}',
      ]);
    },
  );

  it('are not had while the secret is not known', async () => {
    cloudsWith({ secretOf: () => Promise.resolve(undefined) });
    expect(await clouds.of(bindingId)).toBeUndefined();
  });
});
