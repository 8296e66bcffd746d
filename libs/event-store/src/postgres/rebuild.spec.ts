import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { eventually } from '../contract/eventually.js';
import { openTwoRoles, type TwoRoles } from '../contract/open-pool.js';
import { sampleHistory, sampleId, sampleTypes, sampleView, type SampleEvent } from '../contract/sample-disks.js';
import { everyPosition, followedRows, rowsAt } from '../contract/sample-model.js';
import { WrittenLog } from '../contract/written-log.js';
import { lineLock, viewFollower } from './follower-checkpoint.js';
import { FollowerRunner } from './follower-runner.js';
import { rebuildView, RebuildOvertaken, removeGeneration, switchView, type RebuildOptions } from './rebuild.js';
import { PostgresViewStore } from './view-store.js';

let postgres: TestPostgres;
let roles: TwoRoles;
let admin: pg.Pool;
let pool: pg.Pool;
let log: WrittenLog;
let runner: FollowerRunner;
let options: RebuildOptions;

const history = fc
  .sample(fc.noBias(sampleHistory(300)), { numRuns: 40, seed: 11 })
  .flat()
  .slice(0, 2_000);
const half = Math.floor(history.length / 2);

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  roles = openTwoRoles(await postgres.createDatabase(), { admin: 2, worker: 6 });
  ({ admin, worker: pool } = roles);
  log = new WrittenLog(admin);
  runner = new FollowerRunner({ pool, store: log, types: sampleTypes, projections: [sampleView], batchSize: 37 });
  options = { pool, types: sampleTypes, projection: sampleView, batchSize: 101 };
  await runner.start();
});
afterEach(async () => {
  await runner.stop();
  await roles.close();
});

const follow = async (events: readonly SampleEvent[]): Promise<void> => {
  const position = await log.write(events);
  await eventually(
    () => runner.status(),
    (all) => all.every((status) => status.position === position),
  );
};

const waitingForLocks = async () => {
  const { rows } = await admin.query<{ waiting: string }>(
    `select count(*) as waiting from pg_locks where not granted and locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return Number(rows[0]?.waiting);
};

describe('a rebuild', () => {
  it('leaves nothing of a generation that somebody is filling while it is removed', async () => {
    await follow(history.slice(0, half));
    await rebuildView(options);
    const filling = await pool.connect();
    await filling.query('begin');
    await filling.query(lineLock, [viewFollower(sampleView.name, 2)]);
    await filling.query('update view_disks set valid_to = valid_to where generation = 2');
    const removal = removeGeneration(pool, sampleView, 2);
    await eventually(waitingForLocks, (waiting) => waiting === 1);
    await filling.query('commit');
    filling.release();
    await removal;
    expect(await followedRows(admin, 2)).toEqual([]);
  });

  it('finds the live view row for row, at every position', async () => {
    expect(history).toHaveLength(2_000);
    await follow(history);
    const rebuilt = await rebuildView(options);
    expect(rebuilt).toMatchObject({ live: 1, generation: 2, position: history.length });
    const rows = await followedRows(admin, 2);
    expect(rebuilt.differences).toEqual({ compared: rows.length, different: 0, first: [] });
    for (const { position, expected } of everyPosition(history)) expect(rowsAt(rows, position)).toEqual(expected);
  });

  it('names each version that differs and the columns in which it does', async () => {
    await follow(history);
    const versions = (await followedRows(admin, 1)).toSorted((a, b) => a.validFrom - b.validFrom);
    const [changed, removed, ended] = versions.filter(({ validTo }) => validTo !== null);
    const where = 'where generation = 1 and key = $1 and valid_from = $2';
    const at = (version = changed) => [version?.row.key, version?.validFrom];
    await admin.query(`update view_disks set size_gib = size_gib + 1, doc = '{"odd": true}' ${where}`, at());
    await admin.query(`delete from view_disks ${where}`, at(removed));
    await admin.query(`update view_disks set valid_to = valid_to + 1 ${where}`, at(ended));
    const { differences } = await rebuildView(options);
    expect(differences.different).toBe(3);
    const found = (version = changed) =>
      differences.first.find(({ key, validFrom }) => key === version?.row.key && validFrom === version.validFrom);
    expect(found()).toMatchObject({ difference: 'changed', columns: ['size_gib', 'doc'] });
    expect(found(removed)).toMatchObject({ difference: 'only-rebuilt', columns: [] });
    expect(found(ended)).toMatchObject({ difference: 'changed', columns: ['valid_to'] });
  });

  it('leaves out what came after the position it compares at', async () => {
    await follow(history.slice(0, half));
    await runner.stop();
    await log.write(history.slice(half));
    const rebuilt = await rebuildView(options);
    expect(rebuilt).toMatchObject({ position: half, differences: { different: 0 } });
  });

  it.each([
    ['a gap that is larger than a batch', { missing: 500, type: 'SampleLooked', fault: 'GapInLog' }],
    ['a gap within a batch', { missing: 1, type: 'SampleLooked', fault: 'GapInLog' }],
    ['a type that it does not know', { missing: 0, type: 'SampleFrobbed', fault: 'UnknownEventType' }],
  ])('stops at %s', async (_case, { missing, type, fault }) => {
    await follow(history.slice(0, half));
    await runner.stop();
    const strange = { disk: sampleId(1, 1), projectId: sampleId(2, 1), type, schemaVersion: 1, data: {} };
    await log.write([strange], missing);
    await expect(rebuildView(options)).rejects.toMatchObject({ name: fault });
  });

  it('shows readers nothing before it is switched, and never takes them back', async () => {
    await follow(history.slice(0, half));
    const views = new PostgresViewStore(pool);
    const changedView = {
      ...sampleView,
      apply: (...[row, event, key]: Parameters<typeof sampleView.apply>) => {
        const next = sampleView.apply(row, event, key);
        return next && next !== row ? { ...next, cloudId: 'rebuilt' } : next;
      },
    };
    const list = () =>
      views.list({ view: sampleView, sight: { all: true }, sort: { by: 'key', direction: 'asc' }, limit: 100 });
    const rebuilt = await rebuildView({ ...options, projection: changedView });
    expect(rebuilt.differences.different).toBeGreaterThan(0);
    await follow(history.slice(half));
    const before = await list();
    expect(before.rows.map(({ cloudId }) => cloudId)).not.toContain('rebuilt');

    await switchView({ ...options, projection: changedView }, rebuilt);
    const after = await list();
    expect(after.position).toBeGreaterThanOrEqual(before.position);
    expect(after.rows).toEqual(before.rows.map((row) => ({ ...row, cloudId: 'rebuilt' })));
  });

  it('catches up with a batch that the live view commits while the switch waits for it', async () => {
    await follow(history.slice(0, half));
    await runner.stop();
    const rebuilt = await rebuildView(options);
    const batch = await pool.connect();
    await batch.query('begin');
    await batch.query(lineLock, ['disks']);
    const switching = switchView(options, rebuilt);
    await eventually(waitingForLocks, (count) => count === 1);
    const head = await log.write(history.slice(half));
    await batch.query(`insert into checkpoints (follower, after, position) values ('disks@1', $1, $2)`, [half, head]);
    await batch.query('commit');
    batch.release();
    await switching;
    expect(await new PostgresViewStore(pool).position('disks')).toBe(head);
  });

  it('is taken over by the running follower when it is switched', async () => {
    await follow(history.slice(0, half));
    await switchView(options, await rebuildView(options));
    await follow(history.slice(half));
    expect((await runner.status())[0]).toMatchObject({ generation: 2, position: history.length });
    const rows = await followedRows(admin, 2);
    for (const { position, expected } of everyPosition(history)) expect(rowsAt(rows, position)).toEqual(expected);
  });

  it('loses nothing when it is switched while the log grows', async () => {
    const writing = (async () => {
      for (let at = 0; at < history.length; at += 25) await log.write(history.slice(at, at + 25));
    })();
    const generations = [await rebuildView(options)];
    for (let turn = 0; turn < 4; turn += 1) {
      const rebuilt = generations.at(-1);
      if (!rebuilt) break;
      await switchView(options, rebuilt);
      await removeGeneration(pool, sampleView, rebuilt.live);
      generations.push(await rebuildView(options));
    }
    await writing;
    await eventually(
      () => runner.status(),
      ([status]) => status?.position === history.length,
    );
    const rows = await followedRows(admin, 5);
    for (const { position, expected } of everyPosition(history)) expect(rowsAt(rows, position)).toEqual(expected);
  });

  it('is switched to once, and the generation in use is never removed', async () => {
    await follow(history);
    const first = await rebuildView(options);
    await switchView(options, first);
    await expect(switchView(options, first)).rejects.toThrow(RebuildOvertaken);
    await expect(removeGeneration(pool, sampleView, 2)).rejects.toThrow('in use');
    await removeGeneration(pool, sampleView, 1);
    expect(await followedRows(admin, 1)).toEqual([]);
    expect((await followedRows(admin, 2)).length).toBeGreaterThan(0);
  });
});
