import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProjectId } from '@strata/kernel';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { sampleEvents, sampleId, sampleTypes, sampleView } from '../contract/sample-disks.js';
import type { Append } from '../append.js';
import { FollowerRunner } from './follower-runner.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { PostgresViewStore } from './view-store.js';

let postgres: TestPostgres;
let store: PostgresEventStore;
let reader: PostgresEventStore;
let runner: FollowerRunner;
let views: PostgresViewStore;
const projectId = sampleId(2, 1) as ProjectId;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  store = new PostgresEventStore({ url: database.worker });
  reader = new PostgresEventStore({ url: database.api });
  views = new PostgresViewStore(reader.pool);
  runner = new FollowerRunner({ pool: store.pool, store, types: sampleTypes, projections: [sampleView] });
  const looked = sampleEvents.fact('SampleLooked', {});
  const added = await store.append(
    append(
      [{ stream: `disk-${sampleId(1, 999)}`, projectId, expectedVersion: 0, events: [looked] }],
      [{ change: 'project-added', projectId, parentId: null, bindingId: null, name: 'one' }],
    ),
  );
  expect(added.status).toBe('committed');
  await runner.start();
});
afterAll(async () => {
  await runner.stop();
  await Promise.all([store.close(), reader.close()]);
  await postgres.stop();
});

const append = (streams: Append['streams'], changes: NonNullable<Append['changes']> = []): Append => ({
  appendId: randomUUID(),
  mode: 'command',
  streams,
  changes,
  meta: { actorId: sampleId(7, 1) },
});

describe('followers of the real lane', () => {
  it('show what was committed to whom may see it, to many writers at once', async () => {
    const verdicts = await Promise.all(
      Array.from({ length: 200 }, (_, n) => {
        const events = [
          sampleEvents.fact('SampleRequested', { name: `disk ${n}`, sizeGiB: n }),
          sampleEvents.fact('SampleTagged', { tags: { n: String(n) } }),
        ];
        return store.append(append([{ stream: `disk-${sampleId(1, n)}`, projectId, expectedVersion: 0, events }]));
      }),
    );
    expect(verdicts.filter(({ status }) => status !== 'committed')).toEqual([]);
    const { position } = await store.head();
    expect(await views.waitFor('disks', position, 20_000)).toBe(true);
    const list = (nodes: readonly string[]) =>
      views.list({
        view: sampleView,
        sight: { all: false, nodes },
        sort: { by: 'sizeGiB', direction: 'asc' },
        limit: 500,
      });
    const seen = await list([projectId]);
    expect(seen.rows.map(({ sizeGiB, tags }) => [sizeGiB, tags['n']])).toEqual(
      Array.from({ length: 200 }, (_, n) => [n, String(n)]),
    );
    expect((await list([sampleId(2, 2)])).rows).toEqual([]);
  });
});
