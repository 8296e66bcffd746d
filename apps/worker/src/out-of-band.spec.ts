import { findingsView, type FindingKind, type FindingRow } from '@strata/disks';
import { everything, type ViewCursor } from '@strata/event-store';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import fc from 'fast-check';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { Plantation, type PlantedDisk, type PlantedSnapshot } from './contract/planted.js';
import { cloudProjectId, spec, WorkUnderTest } from './contract/work-under-test.js';
import { sweeping } from './sweeping.js';

let postgres: TestPostgres;
let work: WorkUnderTest;
let followed: FollowedViews;
let serverId: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  work = await WorkUnderTest.start(postgres);
  followed = new FollowedViews(work.databaseUrl, work.store);
  await followed.start();
  serverId = await work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });
});
afterAll(async () => {
  await followed.stop();
  await work.stop();
  await postgres.stop();
});

const another = () => ({ 'strata.marker': `${newId()}.1` });
const disk = ({ cloudId }: PlantedDisk, body: object) => work.simulate(`disks/${cloudId}`, body);
const snapshot = ({ cloudId }: PlantedSnapshot, body: object) => work.change('PATCH', `snapshots/${cloudId}`, body);

/** Each with the kinds that a sweep must find of the disk that it was done to. */
const ofDisks: Record<string, { readonly kinds: readonly FindingKind[]; to(ours: PlantedDisk): Promise<unknown> }> = {
  grown: { kinds: ['changed'], to: (ours) => disk(ours, { size: 77 }) },
  renamed: { kinds: ['changed'], to: (ours) => disk(ours, { name: 'somebody-was-here' }) },
  described: { kinds: ['changed'], to: (ours) => disk(ours, { description: 'not by Strata' }) },
  tagged: { kinds: ['changed', 'lost-marker'], to: (ours) => disk(ours, { tags: { team: 'other' }, metadata: {} }) },
  broken: { kinds: ['changed'], to: (ours) => disk(ours, { status: 'error' }) },
  stripped: { kinds: ['lost-marker'], to: (ours) => disk(ours, { tags: {}, metadata: {} }) },
  'without its tag': { kinds: ['lost-marker'], to: (ours) => disk(ours, { tags: {} }) },
  'without its metadata': { kinds: ['lost-marker'], to: (ours) => disk(ours, { metadata: {} }) },
  'marked by others': { kinds: ['foreign-marker'], to: (ours) => disk(ours, { metadata: another(), tags: {} }) },
  'marked by others, too': { kinds: ['foreign-marker'], to: (ours) => disk(ours, { metadata: another() }) },
  removed: { kinds: ['missing'], to: (ours) => disk(ours, { delete: true }) },
  attached: {
    kinds: ['attachment-changed'],
    to: ({ cloudId: diskId }) => work.simulate(`servers/${serverId}/attachments`, { diskId }),
  },
  'under work of others': { kinds: [], to: (ours) => disk(ours, { status: 'extending' }) },
  untouched: { kinds: [], to: () => Promise.resolve() },
};

/** Likewise of a snapshot. */
const ofSnapshots: Record<
  string,
  { readonly kinds: readonly FindingKind[]; to(ours: PlantedSnapshot): Promise<unknown> }
> = {
  renamed: { kinds: ['changed'], to: (ours) => snapshot(ours, { name: 'somebody-was-here' }) },
  labelled: {
    kinds: ['changed', 'lost-marker'],
    to: (ours) => snapshot(ours, { metadata: { owner: 'billing' } }),
  },
  broken: { kinds: ['changed'], to: (ours) => snapshot(ours, { status: 'error' }) },
  stripped: { kinds: ['lost-marker'], to: (ours) => snapshot(ours, { metadata: {} }) },
  'marked by others': { kinds: ['foreign-marker'], to: (ours) => snapshot(ours, { metadata: another() }) },
  removed: { kinds: ['missing'], to: ({ cloudId }) => work.change('DELETE', `snapshots/${cloudId}`) },
  'gone with its disk': { kinds: ['missing'], to: (ours) => disk(ours.disk, { delete: true }) },
  untouched: { kinds: [], to: () => Promise.resolve() },
};

/** What somebody else made: the kind that it is, and its id. */
const strangers: Record<string, (ours: PlantedDisk) => Promise<readonly string[]>> = {
  'a disk': async () => [`unknown ${await work.strangersDisk({}, { owner: 'billing' })}`],
  'a disk of another Strata': async () => [`foreign-marker ${await work.strangersDisk(another())}`],
  'a snapshot': async ({ cloudId }) => [
    `unknown ${String((await work.simulate(`disks/${cloudId}/snapshots`, {}))['id'])}`,
  ],
  'a snapshot of another Strata': async ({ cloudId }) => {
    const made = await work.simulate(`disks/${cloudId}/snapshots`, { metadata: another() });
    return [`foreign-marker ${String(made['id'])}`];
  },
  'a snapshot of the backup service': async ({ cloudId }) => {
    await work.simulate(`disks/${cloudId}/snapshots`, { name: 'autobk_snapshot_vbs_1' });
    return [];
  },
};

const changesInAll = 500;
const pick = fc.oneof(
  { arbitrary: fc.record({ of: fc.constant('disk'), change: fc.constantFrom(...Object.keys(ofDisks)) }), weight: 5 },
  {
    arbitrary: fc.record({ of: fc.constant('snapshot'), change: fc.constantFrom(...Object.keys(ofSnapshots)) }),
    weight: 3,
  },
  {
    arbitrary: fc.record({ of: fc.constant('stranger'), change: fc.constantFrom(...Object.keys(strangers)) }),
    weight: 2,
  },
);

const found = async (): Promise<readonly FindingRow[]> => {
  await followed.caughtUp();
  const sort = { by: 'firstSeenAt', direction: 'asc' } as const;
  const rows: FindingRow[] = [];
  let after: ViewCursor | undefined;
  do {
    const page = await followed.views.list({ view: findingsView, sight: everything, sort, limit: 500, after });
    rows.push(...page.rows);
    after = page.next ?? undefined;
  } while (after);
  return rows;
};

const one = <T>(from: Readonly<Record<string, T>>, name: string): T => {
  const wanted = from[name];
  if (wanted === undefined) throw new Error(`no change is called ${name}`);
  return wanted;
};

describe('changes made elsewhere', () => {
  it('are each found in one sweep, none taken for another, and nothing is deleted for them', async () => {
    const picks = fc.sample(pick, { seed: 20_261_128, numRuns: changesInAll });
    const plantation = new Plantation(work);
    const disks = await plantation.disks(picks.length);
    const ofSnapshot = disks.filter((_disk, index) => picks[index]?.of === 'snapshot');
    const snapshots = new Map((await plantation.snapshots(ofSnapshot)).map((each) => [each.disk.cloudId, each]));
    const expected: string[] = [];
    for (const [index, ours] of disks.entries()) {
      const { of, change } = picks[index] ?? { of: '', change: '' };
      if (of === 'stranger') {
        expected.push(...(await one(strangers, change)(ours)));
        continue;
      }
      const its = snapshots.get(ours.cloudId);
      if (its === undefined) {
        await one(ofDisks, change).to(ours);
        expected.push(...one(ofDisks, change).kinds.map((kind) => `${kind} ${ours.cloudId}`));
        continue;
      }
      await one(ofSnapshots, change).to(its);
      expected.push(...one(ofSnapshots, change).kinds.map((kind) => `${kind} ${its.cloudId}`));
      if (change === 'gone with its disk') expected.push(`missing ${ours.cloudId}`);
    }
    const inCloud = await work.disksInCloud();
    await followed.caughtUp();

    const bounds = { requestsPerSecond: 100_000, requestTimeoutMs: 5_000, signal: new AbortController().signal };
    await sweeping({ store: work.store, views: followed.views, keep: () => Promise.resolve(), ...bounds })(
      work.cloud,
      work.bindingId,
    );

    const rows = await found();
    expect(rows.map(({ kind, cloudId }) => `${kind} ${cloudId}`).sort()).toEqual(expected.sort());
    const mended = rows.filter(({ status }) => status !== 'open').map(({ kind, status }) => `${kind} ${status}`);
    expect(new Set(mended)).toEqual(new Set(['lost-marker resolved']));
    expect(await work.disksInCloud()).toHaveLength(inCloud.length);
    const asked = Object.keys(await work.requests());
    expect(asked.filter((operation) => /delete|remove|rollback|detach/.test(operation))).toEqual([]);
  }, 300_000);
});
