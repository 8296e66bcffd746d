import type { SweepReport } from '@strata/disks';
import type { EventStore, Loaded, LoadRequest } from '@strata/event-store';
import { PostgresEventStore } from '@strata/event-store/postgres';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { plantMany } from './contract/planted.js';
import { eventTypes } from './contract/work-log.js';
import { WorkUnderTest } from './contract/work-under-test.js';
import { sweeping } from './sweeping.js';

const diskCount = process.env['STRATA_TEST_SCALE'] === 'nightly' ? 50_000 : 5_000;
/** As many as the cloud gives in one answer; a last page that is full is asked on once more. */
const pageSize = 1_000;
const pages = diskCount / pageSize + 1;
/** The most that one look by ids takes. */
const idsPerLook = 60;
const hourMs = 60 * 60_000;

let postgres: TestPostgres;
let work: WorkUnderTest;
let followed: FollowedViews;

beforeAll(async () => {
  postgres = await startTestPostgres();
  work = await WorkUnderTest.start(postgres);
  followed = new FollowedViews(work.databaseUrl, work.store);
  await followed.start();
  await plantMany(work, diskCount);
  const { position } = await work.store.head();
  expect(await followed.views.waitFor('disks', position, 600_000)).toBe(true);
}, 900_000);
afterAll(async () => {
  await followed.stop();
  await work.stop();
  await postgres.stop();
});
beforeEach(() => work.change('DELETE', 'requests'));

class CountedLoads extends PostgresEventStore {
  /** How many were asked for, by each load. */
  readonly streams: number[] = [];

  override load(request: LoadRequest): Promise<Loaded> {
    this.streams.push(request.streams?.length ?? 0);
    return super.load(request);
  }
}

/** As long after the disks were made as they take to cool down. */
const sweep = async (round: 'all' | 'hot', afterMs = hourMs, store: EventStore = work.store): Promise<SweepReport> => {
  await followed.caughtUp();
  const bounds = { requestsPerSecond: 100_000, requestTimeoutMs: 30_000, signal: new AbortController().signal };
  const nowMs = () => Date.now() + afterMs;
  const swept = sweeping({ store, views: followed.views, keep: () => Promise.resolve(), nowMs, ...bounds });
  return swept(work.cloud, work.bindingId, round === 'hot' ? { beganMs: nowMs(), previousMs: null } : undefined);
};

describe(`a sweep of ${diskCount} disks`, () => {
  it('asks for the list alone while nothing is other than the log says', async () => {
    expect(await sweep('all')).toMatchObject({ inCloud: diskCount, known: diskCount, changed: 0, findings: 0 });
    expect(await work.requests()).toEqual({ 'disks.list': pages, 'snapshots.list': 1 });
  }, 600_000);

  it('asks for nothing in a round over what is hot while nothing is', async () => {
    expect(await sweep('hot')).toMatchObject({ known: 0, findings: 0 });
    expect(await work.requests()).toEqual({});
  }, 600_000);

  it('asks the cloud about sixty at a time of what is hot, and the log of nothing that is as the view has it', async () => {
    const store = new CountedLoads({ url: work.databaseUrl, types: eventTypes });
    const swept = await sweep('hot', 0, store).finally(() => store.close());
    expect(swept).toMatchObject({ known: diskCount, changed: 0, findings: 0 });
    expect(store.streams).toEqual([]);
    expect(await work.requests()).toEqual({ 'disks.list': Math.ceil(diskCount / idsPerLook) });
  }, 600_000);

  it('looks once at sixty of those that are other', async () => {
    const changed = 2 * idsPerLook;
    const page = await firstPage();
    for (const { cloudId } of page.slice(0, changed)) await work.simulate(`disks/${cloudId}`, { size: 99 });
    await work.change('DELETE', 'requests');
    expect(await sweep('all')).toMatchObject({ changed, findings: changed });
    expect(await work.requests()).toEqual({ 'disks.list': pages + 2, 'snapshots.list': 1 });
    await work.change('DELETE', 'requests');
    expect(await sweep('hot')).toMatchObject({ known: changed, changed: 0, findings: 0 });
    expect(await work.requests()).toEqual({ 'disks.list': 2 });
  }, 600_000);

  it('sees of what is hot all that a refresh would', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const marker = (await work.cloud.findDisk(cloudId))?.marker ?? '';
    await work.simulate(`disks/${cloudId}`, { metadata: { 'strata.marker': marker, 'made-by-the-cloud': 'yes' } });
    expect(await sweep('hot', 0)).toMatchObject({ changed: 1 });
    expect(await work.diskNow(diskId)).toMatchObject({ metadata: { 'made-by-the-cloud': 'yes' } });
  }, 600_000);
});

const firstPage = async () => {
  for await (const page of work.cloud.listDisks()) return page;
  return [];
};
