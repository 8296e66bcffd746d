import { afterEach, describe, expect, it } from 'vitest';
import type { ReceivedRequest, ScriptedAnswer } from '../contract/scripted-server.js';
import { startScriptedOpenstack } from '../contract/scripted-openstack.js';
import type { CloudDisk } from '../disk-cloud.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const marker = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.2';

const against = async (call: (request: ReceivedRequest, nth: number) => ScriptedAnswer) => {
  const started = await startScriptedOpenstack({ call });
  ends.push(started.close);
  return started;
};
const always = (answer: ScriptedAnswer) => against(() => answer);

const volume = (id: string, rest: object = {}) => ({
  id,
  status: 'available',
  size: 10,
  created_at: '2026-11-22T16:12:38.843519',
  metadata: {},
  ...rest,
});
const notFound = { status: 404, body: { itemNotFound: { code: 404, message: 'Volume v could not be found.' } } };

const collected = async (pages: AsyncIterable<readonly CloudDisk[]>): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page.map(({ cloudId }) => cloudId));
  return ids;
};
const queryOf = ({ path }: ReceivedRequest) => new URLSearchParams(path.split('?')[1]);

describe('a list of Cinder', () => {
  const next = (marker: string) => [{ rel: 'next', href: `http://inside.invalid/volumes/detail?marker=${marker}` }];

  it('is read to its end by the markers of its links, newest first, and never follows them', async () => {
    const pages = [
      { volumes: [volume('c'), volume('b')], volumes_links: next('b') },
      { volumes: [volume('a')], volumes_links: next('a') },
      { volumes: [] },
    ];
    const { cloud, scripted } = await against((_, nth) => ({ status: 200, body: pages[nth - 1] }));
    expect(await collected(cloud.listDisks())).toEqual(['c', 'b', 'a']);
    const queries = scripted.calls().map(queryOf);
    expect(queries.map((query) => query.get('marker'))).toEqual([null, 'b', 'a']);
    expect(queries.map((query) => query.get('sort'))).toEqual(Array(3).fill('created_at:desc'));
  });

  it('that turns in a circle is left', async () => {
    const { cloud, scripted } = await always({
      status: 200,
      body: { volumes: [volume('a')], volumes_links: next('a') },
    });
    await expect(collected(cloud.listDisks())).rejects.toMatchObject({ fault: { code: 'endless-list' } });
    expect(scripted.calls()).toHaveLength(2);
  });

  it.each([
    ['the filter is offered', false],
    ['the filter is ignored', true],
  ])('is searched for a marker when %s', async (_, ignored) => {
    const ours = volume('v2', { metadata: { 'strata.marker': marker } });
    const { cloud, scripted } = await against((request) => {
      const filtered = queryOf(request).has('metadata') && !ignored;
      return { status: 200, body: { volumes: filtered ? [ours] : [volume('v3'), ours, volume('v1')] } };
    });
    const found = await cloud.findDisksByMarker(marker, new Date());
    expect(found).toMatchObject([{ cloudId: 'v2', marker }]);
    expect(scripted.calls()).toHaveLength(1);
  });

  it('is read back to the intent when the filter is refused or finds nothing, and no further', async () => {
    const old = volume('v1', { created_at: '2020-01-01T00:00:00.000000', metadata: { 'strata.marker': 'other' } });
    for (const filtered of [
      { status: 400, body: {} },
      { status: 200, body: { volumes: [] } },
    ]) {
      const { cloud, scripted } = await against((request) =>
        queryOf(request).has('metadata')
          ? filtered
          : {
              status: 200,
              body: {
                volumes: [volume('v2', { metadata: { 'strata.marker': marker } }), old],
                volumes_links: next('v1'),
              },
            },
      );
      const found = await cloud.findDisksByMarker(marker, new Date('2026-11-22T16:12:00Z'));
      expect(found.map(({ cloudId }) => cloudId)).toEqual(['v2']);
      expect(scripted.calls()).toHaveLength(2);
    }
  });

  it('is not asked again of a cloud that throttles', async () => {
    const { cloud, scripted } = await always({ status: 429 });
    await expect(cloud.findDisksByMarker(marker, new Date())).rejects.toMatchObject({ why: 'throttled' });
    expect(scripted.calls()).toHaveLength(1);
  });

  it.each([
    ['few are shown one by one', 3, 3],
    ['many are taken from the list', 21, 1],
  ])('of which %s, without those that are gone', async (_, count, calls) => {
    const ids = Array.from({ length: count }, (__, index) => `v${index}`);
    const there = ids.slice(1);
    const { cloud, scripted } = await against(({ path }) => {
      if (path.includes('/detail')) return { status: 200, body: { volumes: there.map((id) => volume(id)) } };
      const id = path.split('/').at(-1) ?? '';
      return there.includes(id) ? { status: 200, body: { volume: volume(id) } } : notFound;
    });
    const found = await cloud.findDisks([...ids, ...ids]);
    expect(found.map(({ cloudId }) => cloudId)).toEqual(there);
    expect(scripted.calls()).toHaveLength(calls);
  });
});
