import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeAppend, diskAppend, held, plantTree, setLimits } from '../contract/sample-appends.js';
import type { Append } from '../append.js';
import { everything } from '../event-store.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { PostgresQuotaLedger } from './quota-ledger.js';

let postgres: TestPostgres;
let store: PostgresEventStore;
let ledger: PostgresQuotaLedger;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const { api } = await postgres.createDatabase();
  store = new PostgresEventStore({ url: api });
  ledger = new PostgresQuotaLedger(store.pool);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

const committed = async (append: Append): Promise<number> => {
  const verdict = await store.append(append);
  if (verdict.status !== 'committed') throw new Error(JSON.stringify(verdict));
  return verdict.position;
};

const used = (dimension: string, n: number) => ({ dimension, held: -n, used: n, releasing: 0 });

describe('the quota ledger', () => {
  it('shows every dimension with a limit or a figure along the path, nearest first', async () => {
    const { root, team, project, binding } = await plantTree(store);
    await committed(setLimits(team, { disks: 10, gigabytes: 'unlimited', per_disk_gigabytes: 500 }, team));
    await committed(diskAppend(project, [held('disks', 2), held('gigabytes', 20)]));
    await committed(diskAppend(project, [used('disks', 1)], { mode: 'fact' }));
    const disks = { dimension: 'disks', held: 1, used: 1, releasing: 0, visible: true };
    const gigabytes = { dimension: 'gigabytes', held: 20, used: 0, releasing: 0, visible: true };
    const at = (node: string, distance: number, nodeKind = 'project') => ({ node, distance, nodeKind });
    const unlimited = { limit: 'unlimited' };
    expect(await ledger.path(project)).toEqual([
      { ...at(project, 0), ...disks, ...unlimited },
      { ...at(project, 0), ...gigabytes, ...unlimited },
      { ...at(team, 1), ...disks, limit: 10 },
      { ...at(team, 1), ...gigabytes, ...unlimited },
      { ...at(team, 1), dimension: 'per_disk_gigabytes', held: 0, used: 0, releasing: 0, visible: true, limit: 500 },
      { ...at(root, 2), ...disks, ...unlimited },
      { ...at(root, 2), ...gigabytes, ...unlimited },
      { ...at(binding, 3, 'binding'), ...disks, ...unlimited },
      { ...at(binding, 3, 'binding'), ...gigabytes, ...unlimited },
    ]);
  });

  it('marks what the reader may not view, and shows nothing of a project that he does not see', async () => {
    const { team, other, project } = await plantTree(store);
    await committed(diskAppend(project, [held('disks', 1)]));
    const seen = async (...nodes: string[]) =>
      (await ledger.figures({ sight: { all: false, nodes }, projectId: project })).map(({ visible }) => visible);
    expect(await seen(team)).toEqual([true, true, false, false]);
    expect(await seen(project)).toEqual([true, false, false, false]);
    expect(await seen(other)).toEqual([]);
    expect(await seen()).toEqual([]);
  });

  it('shows figures, limits and the path as they were at a position', async () => {
    const { team, other, root, project, binding } = await plantTree(store);
    const limited = await committed(setLimits(team, { disks: 10 }, team));
    const charged = await committed(diskAppend(project, [held('disks', 2)]));
    await committed(setLimits(team, { disks: 5 }, team));
    await committed(diskAppend(project, [held('disks', 1)]));
    const moved = await committed(
      changeAppend(project, [{ change: 'project-moved', projectId: project, parentId: other }]),
    );
    const at = async (upTo: number) =>
      (await ledger.path(project, upTo)).map(({ node, limit, held }) => [node, limit, held]);
    expect(await at(limited - 1)).toEqual([]);
    expect(await at(limited)).toEqual([[team, 10, 0]]);
    expect(await at(charged)).toEqual([
      ...[
        [project, 'unlimited', 2],
        [team, 10, 2],
        [root, 'unlimited', 2],
        [binding, 'unlimited', 2],
      ],
    ]);
    const [above, none] = [[root, 'unlimited', 3], 'unlimited'];
    const last = [binding, none, 3];
    expect(await at(moved - 1)).toEqual([[project, none, 3], [team, 5, 3], above, last]);
    expect(await at(moved)).toEqual([[project, none, 3], [other, none, 3], above, last]);
    const ofTeam = async (upTo?: number) => (await ledger.path(team, upTo)).filter(({ node }) => node === team);
    expect(await ofTeam(moved - 1)).toMatchObject([{ held: 3 }]);
    expect(await ofTeam()).toMatchObject([{ held: 0 }]);
  });

  it('tells each of many who ask at once the least limit of what they asked for, as it is by then', async () => {
    const { team, other, project } = await plantTree(store);
    await committed(setLimits(team, { disks: 10, gigabytes: 7 }, team));
    await committed(setLimits(project, { disks: 4 }, project));
    const ask = () => {
      const asked = [
        [project, 'disks'],
        [project, 'gigabytes'],
        [team, 'disks'],
        [other, 'disks'],
        [project, 'disks'],
      ] as const;
      return Promise.all(asked.map(([node, dimension]) => ledger.leastLimit(node, dimension)));
    };
    expect(await ask()).toEqual([4, 7, 10, 'unlimited', 4]);
    const before = ask();
    await committed(setLimits(project, { disks: 3 }, project));
    expect(await ledger.leastLimit(project, 'disks')).toBe(3);
    expect((await before).slice(1, 4)).toEqual([7, 10, 'unlimited']);
  });

  it('tells the history of a node, newest first and in pages', async () => {
    const { other, project } = await plantTree(store);
    const positions: number[] = [];
    for (let n = 1; n <= 4; n += 1) positions.unshift(await committed(diskAppend(project, [held('disks', n)])));
    const sight = { all: false, nodes: [project] } as const;
    const first = await ledger.history({ sight, node: project, limit: 3 });
    expect(first.map(({ position }) => position)).toEqual(positions.slice(0, 3));
    expect(first.map(({ figures }) => figures)).toEqual(
      [10, 6, 3].map((n) => [{ dimension: 'disks', held: n, used: 0, releasing: 0 }]),
    );
    const rest = await ledger.history({ sight, node: project, before: positions[2], limit: 3 });
    expect(rest.map(({ position }) => position)).toEqual(positions.slice(3));
    expect(await ledger.history({ sight: { all: false, nodes: [other] }, node: project, limit: 3 })).toEqual([]);
  });

  it('proves a figure by recounting the log, and finds one that was changed', async () => {
    const { team, project, binding } = await plantTree(store);
    await committed(diskAppend(project, [held('disks', 2), held('gigabytes', 7)]));
    await committed(diskAppend(team, [held('disks', 1)]));
    const figures = { held: 3, used: 0, releasing: 0 };
    const { dimensions } = await ledger.proof({ node: team });
    expect(dimensions).toMatchObject([
      { node: team, dimension: 'disks', ledger: figures, log: figures },
      { node: team, dimension: 'gigabytes', ledger: { held: 7 }, log: { held: 7 } },
    ]);
    expect((await ledger.proof({ node: binding })).dimensions).toMatchObject([{ log: figures }, {}]);
    expect((await ledger.recount()).differences).toEqual([]);
  });

  it('finds in a recount of everything what does not agree', async () => {
    const { admin, api } = await postgres.createDatabase();
    const own = new PostgresEventStore({ url: api });
    const { project } = await plantTree(own);
    await own.append(diskAppend(project, [held('disks', 2)]));
    const { Client } = (await import('pg')).default;
    const client = new Client({ connectionString: admin });
    await client.connect();
    await client.query(`update quota_ledger set figures = '{3,0,0}' where node = '${project}'`);
    await client.end();
    expect(await new PostgresQuotaLedger(own.pool).recount()).toEqual({
      position: 5,
      nodes: 5,
      differences: [
        {
          node: project,
          dimension: 'disks',
          ledger: { held: 3, used: 0, releasing: 0 },
          log: { held: 2, used: 0, releasing: 0 },
        },
      ],
    });
    await own.close();
  });

  it('is read for everything by a process that decides', async () => {
    const { project } = await plantTree(store);
    await committed(setLimits(project, { disks: 1 }, project));
    expect(await ledger.path(project)).toEqual(await ledger.figures({ sight: everything, projectId: project }));
  });
});
