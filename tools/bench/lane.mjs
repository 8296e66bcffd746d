/**
 * The commit lane beside Emmett's PostgreSQL store and a raw prepared insert, in one run on one fresh server.
 * node tools/bench/lane.mjs [--parts=callers,processes,snapshot,filled] [--seconds=3] [--rounds=3]   (build libs first)
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { PostgresEventStore } from '@strata/event-store/postgres';
import pg from 'pg';
import { fill } from './lane-fill.mjs';
import { commanding, plantTree } from './lane-load.mjs';
import { emmett, rawInsert } from './lane-rivals.mjs';
import { withServer } from './lane-server.mjs';
import { measure, medians, round } from './measure.mjs';

const rounded = (figures) => Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value)]));
const ratio = (a, b) => `${round(a / b)} x`;

/** Rounds of all contenders in turn, so that what else the machine does falls on each alike. */
const inTurn = async (rivals, callers, { ms, rounds, cpu }) => {
  const runs = Object.fromEntries(Object.keys(rivals).map((name) => [name, []]));
  for (const { act } of Object.values(rivals)) await measure(callers, 300, act);
  for (let n = 0; n < rounds; n += 1) {
    for (const [name, { act }] of Object.entries(rivals)) runs[name].push(await measure(callers, ms, act, cpu));
  }
  return Object.fromEntries(Object.entries(runs).map(([name, own]) => [name, rounded(medians(own))]));
};

const closeAll = (rivals) => Promise.all(Object.values(rivals).map(({ close }) => close()));

const withTree = (size, use) =>
  withServer(async (server) => {
    const store = new PostgresEventStore({ url: server.urls.api });
    const projects = await plantTree(store, size);
    const lane = { act: commanding(store, projects), close: () => store.close() };
    return use({ ...server, store, projects, lane });
  });

const asAdmin = async (url, sql) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
};

const small = { teams: 20, projectsPerTeam: 25 };

/** The lane, Emmett and the raw insert at each number of callers. */
export const benchCallers = ({ callers, ms, rounds }) =>
  withTree(small, async ({ adminUrl, lane, cpu }) => {
    const most = Math.max(...callers);
    const rivals = {
      lane,
      emmett: await emmett(adminUrl, Math.min(most, 128)),
      raw: await rawInsert(adminUrl, Math.min(most, 128)),
    };
    const table = {};
    for (const count of callers) {
      const measured = await inTurn(rivals, count, { ms, rounds, cpu });
      for (const [name, figures] of Object.entries(measured)) {
        const against = name === 'lane' ? {} : { lane: ratio(measured.lane.perSecond, figures.perSecond) };
        table[`${name} at ${count}`] = { ...figures, ...against };
      }
    }
    await closeAll(rivals);
    return table;
  });

const inProcesses = async (count, url, projects, callers, ms) => {
  const children = Array.from({ length: count }, () => {
    const child = fork(new URL('./lane-process.mjs', import.meta.url), [url, callers, ms].map(String));
    child.send({ projects });
    return once(child, 'message').then(([measured]) => measured);
  });
  const measured = await Promise.all(children);
  const sum = (member) => measured.reduce((total, each) => total + each[member], 0);
  const most = (member) => Math.max(...measured.map((each) => each[member]));
  return { perSecond: sum('perSecond'), p50: most('p50'), p99: most('p99') };
};

/** The same callers from one process and from three. */
export const benchProcesses = ({ ms, rounds }) =>
  withTree(small, async ({ urls, projects, lane }) => {
    const [one, three] = [[], []];
    for (let n = 0; n < rounds; n += 1) {
      one.push(await inProcesses(1, urls.api, projects, 33, ms));
      three.push(await inProcesses(3, urls.api, projects, 11, ms));
    }
    await lane.close();
    const [alone, together] = [rounded(medians(one)), rounded(medians(three))];
    return {
      'one process, 33 callers': alone,
      'three processes, 11 callers each': { ...together, against: ratio(together.perSecond, alone.perSecond) },
    };
  });

/** What an idle transaction elsewhere costs that was open for a minute. */
export const benchSnapshot = ({ ms, rounds, holdMs }) =>
  withTree(small, async ({ adminUrl, urls, lane, cpu }) => {
    await measure(32, 3_000, lane.act);
    const before = [];
    for (let n = 0; n < rounds; n += 1) before.push(await measure(32, ms, lane.act, cpu));
    const holder = new pg.Client({ connectionString: urls.admin ?? adminUrl });
    await holder.connect();
    await holder.query('begin isolation level repeatable read');
    await holder.query('select count(*) from streams');
    await measure(32, holdMs, lane.act);
    const held = [];
    for (let n = 0; n < rounds; n += 1) held.push(await measure(32, ms, lane.act, cpu));
    await holder.query('commit');
    await holder.end();
    await lane.close();
    const [free, under] = [rounded(medians(before)), rounded(medians(held))];
    return {
      'without a snapshot': free,
      [`a snapshot held for ${holdMs / 1_000} s`]: {
        ...under,
        costs: ratio(free.perSecond, under.perSecond),
        'costs CPU': ratio(under.serverCpu, free.serverCpu),
      },
    };
  });

/** The same figures on an empty and on a filled log. */
export const benchFilled = ({ ms, rounds, events }) =>
  withTree({ teams: 40, projectsPerTeam: 50 }, async ({ adminUrl, urls, store, projects, lane, cpu }) => {
    const rivals = { lane, raw: await rawInsert(adminUrl, 32) };
    await measure(32, 2_000, lane.act);
    const empty = await inTurn(rivals, 32, { ms, rounds, cpu });
    const from = performance.now();
    const disks = await fill(store, projects, events);
    const seconds = (performance.now() - from) / 1_000;
    // What autovacuum and the checkpointer would do in the next minutes, and would be measured with the lane.
    await asAdmin(urls.admin, 'vacuum (analyze)');
    await asAdmin(urls.admin, 'checkpoint');
    await measure(32, 10_000, lane.act);
    const filled = await inTurn(rivals, 32, { ms, rounds, cpu });
    await closeAll(rivals);
    return {
      'lane at 32, empty log': empty.lane,
      [`lane at 32, ${events} events, ${disks} disks, ${projects.length} projects`]: {
        ...filled.lane,
        'against empty': ratio(filled.lane.perSecond, empty.lane.perSecond),
        'CPU against empty': ratio(filled.lane.serverCpu, empty.lane.serverCpu),
      },
      'raw at 32, before and after': {
        perSecond: empty.raw.perSecond,
        'against empty': ratio(filled.raw.perSecond, empty.raw.perSecond),
      },
      filling: { perSecond: round(events / seconds) },
    };
  });

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      parts: { type: 'string', default: 'callers,processes,snapshot,filled' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      callers: { type: 'string', default: '1,8,32,128' },
      hold: { type: 'string', default: '60' },
      events: { type: 'string', default: '1000000' },
    },
  });
  const [ms, rounds] = [Number(values.seconds) * 1_000, Number(values.rounds)];
  const parts = {
    callers: () => benchCallers({ callers: values.callers.split(',').map(Number), ms, rounds }),
    processes: () => benchProcesses({ ms, rounds }),
    snapshot: () => benchSnapshot({ ms, rounds, holdMs: Number(values.hold) * 1_000 }),
    filled: () => benchFilled({ ms, rounds, events: Number(values.events) }),
  };
  for (const part of values.parts.split(',')) {
    console.log(part);
    console.table(await parts[part]());
  }
}
