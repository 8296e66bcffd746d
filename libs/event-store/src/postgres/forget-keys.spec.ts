import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProjectId } from '@strata/kernel';
import { everything } from '../event-store.js';
import { forgetKeys } from './forget-keys.js';
import { PostgresEventStore } from './postgres-event-store.js';

const dayMs = 86_400_000;
const scope = 'somebody';

let postgres: TestPostgres;
let store: PostgresEventStore;
let pool: pg.Pool;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  store = new PostgresEventStore({ url: database.api, poolSize: 2 });
  pool = new pg.Pool({ connectionString: database.worker, max: 2 });
});
afterAll(async () => {
  await Promise.all([store.close(), pool.end()]);
  await postgres.stop();
});

const accepted = async (key: string, at: number) => {
  const projectId = newId() as ProjectId;
  const verdict = await store.append({
    appendId: newId({ msecs: at }),
    mode: 'command',
    streams: [
      {
        stream: `project-${projectId}`,
        projectId,
        expectedVersion: 0,
        events: [{ type: 'ProjectCreated', schemaVersion: 1, data: {} }],
      },
    ],
    changes: [{ change: 'project-added', projectId, parentId: null, bindingId: null, name: key }],
    key: { scope, key, fingerprint: 'f'.repeat(64), answer: { status: 201 } },
    meta: { actorId: newId() },
  });
  expect(verdict.status).toBe('committed');
};
const isKnown = async (key: string) =>
  (await store.load({ sight: everything, key: { scope, key } })).known !== undefined;

describe('idempotency keys', () => {
  it('are forgotten after their time, and not before', async () => {
    const now = Date.now();
    await accepted('old', now - 8 * dayMs);
    await accepted('young', now - 6 * dayMs);
    const before = new Date(now - 7 * dayMs);
    const walked = await forgetKeys(pool, { before });
    expect([await isKnown('old'), await isKnown('young')]).toEqual([false, true]);
    expect(await forgetKeys(pool, { before, after: walked })).toBe(walked);
  });

  it('can be used anew once they are forgotten', async () => {
    await accepted('again', Date.now() - 9 * dayMs);
    await forgetKeys(pool, { before: new Date(Date.now() - 7 * dayMs) });
    await accepted('again', Date.now());
  });
});
