import { findingsView, type FindingRow } from '@strata/disks';
import { everything } from '@strata/event-store';
import type { DiskId } from '@strata/kernel';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import fc from 'fast-check';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { cloudProjectId, spec, WorkUnderTest } from './contract/work-under-test.js';
import { sweeping } from './sweeping.js';

let postgres: TestPostgres;
let work: WorkUnderTest;
let followed: FollowedViews;
let serverId: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  work = await WorkUnderTest.start(postgres);
  followed = new FollowedViews(work.databaseUrl, work.store);
  await followed.start();
  serverId = await work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });
});
afterEach(async () => {
  await followed.stop();
  await work.stop();
});

interface Ours {
  readonly diskId: DiskId;
  readonly cloudId: string;
}

const sweep = () => {
  const { store, cloud, bindingId } = work;
  const { signal } = new AbortController();
  const bounds = { requestsPerSecond: 10_000, requestTimeoutMs: 1_000 };
  return sweeping({ store, views: followed.views, signal, keep: () => Promise.resolve(), ...bounds })(cloud, bindingId);
};
const found = async (...status: string[]): Promise<readonly FindingRow[]> => {
  const { position } = await work.store.head();
  expect(await followed.views.waitFor(findingsView.name, position, 5_000)).toBe(true);
  const sort = { by: 'firstSeenAt', direction: 'asc' } as const;
  const where = status.length > 0 ? { where: { status } } : {};
  return (await followed.views.list({ view: findingsView, sight: everything, sort, limit: 500, ...where })).rows;
};
const head = async () => (await work.store.head()).position;
const behind = (cloudId: string, body: object) => work.simulate(`disks/${cloudId}`, body);

/** Made by somebody else in the same cloud project; a marker is then not one of ours. */
const strangers = async (marker: string | null, name = 'billing-db'): Promise<string> => {
  const before = new Set((await work.disksInCloud()).map(({ cloudId }) => cloudId));
  await work.cloud.createDisk(
    { ...spec, name, marker: marker ?? `${newId()}.1` },
    { timeoutMs: 1_000, mayStillSend: () => true },
  );
  const made = (await work.disksInCloud()).find(({ cloudId }) => !before.has(cloudId));
  if (made === undefined) throw new Error('no disk was made');
  if (marker === null) await behind(made.cloudId, { metadata: {}, tags: { owner: 'billing' } });
  return made.cloudId;
};

/** Each with the kinds that a sweep must find of the disk that it was done to. */
const changes = {
  grown: { kinds: ['changed'], to: ({ cloudId }: Ours) => behind(cloudId, { size: 77 }) },
  renamed: { kinds: ['changed'], to: ({ cloudId }: Ours) => behind(cloudId, { name: 'somebody-was-here' }) },
  tagged: {
    kinds: ['changed', 'lost-marker'],
    to: ({ cloudId }: Ours) => behind(cloudId, { tags: { team: 'other' }, metadata: {} }),
  },
  broken: { kinds: ['changed'], to: ({ cloudId }: Ours) => behind(cloudId, { status: 'error' }) },
  stripped: { kinds: ['lost-marker'], to: ({ cloudId }: Ours) => behind(cloudId, { tags: {}, metadata: {} }) },
  removed: { kinds: ['missing'], to: ({ cloudId }: Ours) => behind(cloudId, { delete: true }) },
  attached: {
    kinds: ['attachment-changed'],
    to: ({ cloudId }: Ours) => work.simulate(`servers/${serverId}/attachments`, { diskId: cloudId }),
  },
  untouched: { kinds: [], to: () => Promise.resolve({}) },
} as const;
type Change = keyof typeof changes;

describe('findings', () => {
  it('say what is wrong, once, until a sweep sees it in order', async () => {
    const ours = await work.provisioned();
    const unknown = await strangers(null);
    await behind(ours.cloudId, { delete: true });
    expect(await sweep()).toMatchObject({ missing: 1, unknown: 1, findings: 2 });
    expect((await found('open')).map(({ doc }) => doc)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'missing', diskId: ours.diskId, projectId: work.projectId, ownerGuess: null }),
        expect.objectContaining({
          ...{ kind: 'unknown', diskId: null, projectId: null, cloud: { id: unknown } },
          ownerGuess: { by: 'tag', value: 'billing' },
        }),
      ]),
    );
    const before = await head();
    expect(await sweep()).toMatchObject({ missing: 0, unknown: 1, findings: 2 });
    expect(await head()).toBe(before);
    await behind(unknown, { delete: true });
    expect(await sweep()).toMatchObject({ findings: 1 });
    expect((await found('resolved')).map(({ kind }) => kind)).toEqual(['unknown']);
  });

  it('tell what changed, and close when the log says the same', async () => {
    const { cloudId } = await work.provisioned();
    await behind(cloudId, { size: 50, name: 'other' });
    expect(await sweep()).toMatchObject({ changed: 1, findings: 1 });
    const [open] = await found('open');
    expect(open?.doc.evidence.differences).toEqual([
      { member: 'name', log: 'ledger', cloud: 'other' },
      { member: 'sizeGiB', log: '20', cloud: '50' },
    ]);
    expect(await sweep()).toMatchObject({ changed: 0, findings: 0 });
    expect(await found()).toMatchObject([{ key: open?.key, status: 'resolved' }]);
  });

  it('leave what carries the marker of another Strata where it is', async () => {
    const cloudId = await strangers(`${newId()}.1`);
    expect(await sweep()).toMatchObject({ surplusRemoved: 0, findings: 1 });
    expect(await found('open')).toMatchObject([{ kind: 'foreign-marker', cloudId, diskId: null }]);
    expect(await work.disksInCloud()).toHaveLength(1);
  });

  it('name a surplus of ours that is in use, and close when it could be removed', async () => {
    const { diskId, operationId } = await work.requestDisk();
    await work.carryOut(operationId);
    const cloudId = await strangers(`${operationId}.7`);
    await work.simulate(`servers/${serverId}/attachments`, { diskId: cloudId });
    expect(await sweep()).toMatchObject({ surplusRemoved: 0, findings: 1 });
    expect(await found('open')).toMatchObject([{ kind: 'orphan', cloudId, diskId, projectId: work.projectId }]);
    await behind(cloudId, { status: 'available' });
    await fetch(`${work.simulator.url}/_simulator/servers/${serverId}/attachments/${cloudId}`, { method: 'DELETE' });
    expect(await sweep()).toMatchObject({ surplusRemoved: 1, findings: 0 });
    expect(await found()).toMatchObject([{ status: 'resolved' }]);
  });

  it('find every change made elsewhere in one sweep, and take none for another', async () => {
    const names = Object.keys(changes) as Change[];
    const picks = fc.sample(fc.record({ change: fc.constantFrom(...names), stranger: fc.boolean() }), {
      seed: 20_261_122,
      numRuns: 60,
    });
    const expected: string[] = [];
    for (const { change, stranger } of picks) {
      const ours = await work.provisioned();
      await changes[change].to(ours);
      expected.push(...changes[change].kinds.map((kind) => `${kind} ${ours.cloudId}`));
      if (!stranger) continue;
      const marker = change === 'grown' ? `${newId()}.1` : null;
      expected.push(`${marker === null ? 'unknown' : 'foreign-marker'} ${await strangers(marker)}`);
    }
    const inCloud = (await work.disksInCloud()).length;
    expect(await sweep()).toMatchObject({ findings: expected.length });
    const open = (await found('open')).map(({ kind, cloudId }) => `${kind} ${cloudId}`);
    expect(open.sort()).toEqual(expected.sort());
    expect(await work.disksInCloud()).toHaveLength(inCloud);
  });
});
