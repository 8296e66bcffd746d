/**
 * The stack on an empty and on a full log, each figure that it has, in one run of one stack.
 * node tools/bench/full-log.mjs [--events=1000000] [--projects=2000] [--disks=2000] [--seconds=3] [--rounds=3]
 *
 * Filled through the lane with disks of three operations each (disk-lives.mjs), spread over all projects, among which the
 * load is spread afterwards, too. The log tells nothing that is not so: the disks are in the simulator, in the binding of
 * their projects, under the markers of their operations, and a sweep over all of them has to find nothing changed or
 * missing. Nothing is due for them: the appends hold whole operations, and the measuring waits until the schedule is empty.
 * The sweep by the clock is put off beyond the length of the run, so that it falls on neither side of the comparison.
 */
import { parseArgs } from 'node:util';
import { everything } from '@strata/event-store';
import { PostgresEventStore } from '@strata/event-store/postgres';
import pg from 'pg';
import { eventsPerDisk, livedBy, overAll, plantInCloud } from './disk-lives.mjs';
import { round } from './measure.mjs';
import { figuresOf } from './stack-figures.mjs';
import { databasesOf, expectStatus, plantProjects } from './stack.mjs';
import { until, usedDisks, withStack } from './system.mjs';

const sweepIntervalMs = 24 * 60 * 60_000;

/** Filling, or catching up, at less than 1 000 events a second is given up. */
const bounded = (name, events) => {
  const seconds = 60 + events / 1_000;
  const end = performance.now() + seconds * 1_000;
  return (progress) => {
    if (performance.now() > end) throw new Error(`${name}: not within ${round(seconds)} s (${progress})`);
  };
};

/** The cloud grants whatever is asked for, and the lane knows. */
const liftCloudQuota = async ({ simulator, store, bindingId, binding }) => {
  const quota = { volumes: -1, gigabytes: -1 };
  expectStatus(await simulator.call('PUT', `/_simulator/projects/${binding.cloudProjectId}`, { quota }), 200);
  const isKnown = async () => {
    const [{ events }] = (await store.load({ sight: everything, streams: [`binding-${bindingId}`] })).streams;
    const seen = events.findLast(({ type }) => type === 'CloudQuotaObserved')?.data.dimensions ?? [];
    const limits = seen.filter(({ dimension }) => ['disks', 'gigabytes'].includes(dimension)).map(({ limit }) => limit);
    return limits.length === 2 && limits.every((limit) => limit === 'unlimited');
  };
  await until(isKnown, 120_000, 'the quota of the cloud, seen by the worker');
};

const fillLog = async ({ store, bindingId, binding, projects }, events) => {
  const disks = await plantInCloud({
    ...{ binding, bindingId, projects, count: Math.ceil(events / eventsPerDisk) },
    late: bounded('planting disks in the simulator', events),
  });
  const from = performance.now();
  await overAll(disks, 128, bounded('filling the log', events), async (disk) => {
    for (const append of livedBy(disk)) {
      const verdict = await store.append(append);
      if (verdict.status !== 'committed') throw new Error(`not committed: ${JSON.stringify(verdict)}`);
    }
  });
  return { disks: disks.length, seconds: (performance.now() - from) / 1_000 };
};

/** Every follower has read what was filled, and nothing is left to be done. */
const caughtUp = async ({ database, store }, events) => {
  const { position } = await store.head();
  const late = bounded('the followers catching up', events);
  const isThere = async () => {
    const { rows } = await database.query(
      `select min(position)::int as read, (select count(*)::int from operation_schedule) as scheduled
         from (select distinct on (follower) position from checkpoints order by follower, after desc) as newest`,
    );
    const [{ read, scheduled }] = rows;
    late(`the last stands at ${read} of ${position}, ${scheduled} operations are scheduled`);
    return read >= position && scheduled === 0;
  };
  await until(isThere, Infinity);
};

/** Proof that log and cloud say the same of every disk. */
const sweptClean = async ({ admin, bindingId }) => {
  const from = performance.now();
  const { id } = expectStatus(await admin.call('POST', `/v1/bindings/${bindingId}/sweep`), 202);
  let swept;
  const hasEnded = async () => {
    swept = expectStatus(await admin.call('GET', `/v1/operations/${id}`), 200);
    return !['queued', 'running'].includes(swept.status);
  };
  await until(hasEnded, 300_000, 'the sweep of the filled binding');
  const { inCloud, known, snapshots, ...differences } = swept.result ?? {};
  const counts = [...Object.values(differences), ...Object.values(snapshots ?? {})];
  if (swept.status !== 'succeeded' || inCloud !== known || counts.some((count) => count !== 0))
    throw new Error(`the log and the simulator differ: ${JSON.stringify(swept)}`);
  return { disks: known, seconds: round((performance.now() - from) / 1_000) };
};

const ratio = (a, b) => `${round(a / b)} x`;

/** How many times worse a full log does than an empty one, by each figure: of rates by their loss, of all else by their growth. */
const worse = (empty, full) => ({
  'carried through': empty.carried.perSecond / full.carried.perSecond,
  'HTTP accept at 32': empty.accepted.perSecond / full.accepted.perSecond,
  'HTTP accept at 32, p99': full.accepted.p99 / empty.accepted.p99,
  'accepted to sent, p50': full.sent.p50 / empty.sent.p50,
  'memory of the stack': full.memory.all / empty.memory.all,
  'rebuild of disks': empty['rebuild of disks'].perSecond / full['rebuild of disks'].perSecond,
  'rebuild of operations': empty['rebuild of operations'].perSecond / full['rebuild of operations'].perSecond,
});

const rowsOf = (name, empty, full) => ({
  [`${name}, empty log`]: empty[name],
  [`${name}, full log`]: {
    ...full[name],
    ...(full[name].perSecond && { 'against empty': ratio(full[name].perSecond, empty[name].perSecond) }),
    ...(full[name].cpuMs && { 'CPU against empty': ratio(full[name].cpuMs, empty[name].cpuMs) }),
  },
});

/** Each figure before and after filling, and how many times worse the full log does. */
export const benchFullLog = ({ events, projects: projectCount, ...load }) =>
  withStack(
    async (it) => {
      const { stack, admin, projects } = it;
      const { projects: seeded, bindings } = stack.credentials;
      const bindingId = bindings.simulator;
      const binding = expectStatus(await admin.call('GET', `/v1/bindings/${bindingId}`), 200);
      const urls = await databasesOf(stack.dataDir);
      const store = new PostgresEventStore({ url: urls.api });
      const database = new pg.Client({ connectionString: urls.admin });
      await database.connect();
      // Everything hangs below the root: one figure of its quota counts all disks.
      const used = () => usedDisks(admin, [seeded.root]);
      const all = { ...it, urls, store, database, bindingId, binding, used };
      try {
        await liftCloudQuota(all);
        const empty = await figuresOf(all, load);
        projects.push(...(await plantProjects(admin, seeded.root, projectCount - projects.length, 'filled')));
        const filling = await fillLog(all, events);
        await caughtUp(all, events);
        const sweep = await sweptClean(all);
        const { position } = await store.head();
        const full = await figuresOf(all, load);
        const place = `${position} events, ${sweep.disks} disks, ${projects.length} projects`;
        return {
          table: {
            ...Object.assign({}, ...Object.keys(full).map((name) => rowsOf(name, empty, full))),
            [`filling, to ${place}`]: { perSecond: round(events / filling.seconds) },
            'a sweep over all of it': { perSecond: round(sweep.disks / sweep.seconds) },
          },
          worse: worse(empty, full),
        };
      } finally {
        await database.end();
        await store.close();
      }
    },
    { STRATA_SWEEP_INTERVAL_MS: String(sweepIntervalMs) },
  );

if (import.meta.main) {
  const option = (value) => ({ type: 'string', default: String(value) });
  const { values } = parseArgs({
    options: {
      ...{ events: option(1_000_000), projects: option(2_000), disks: option(2_000) },
      ...{ seconds: option(3), rounds: option(3) },
    },
  });
  const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
  const { table, worse } = await benchFullLog(numbers);
  console.table(table);
  console.log('worse than on an empty log, times', worse);
}
