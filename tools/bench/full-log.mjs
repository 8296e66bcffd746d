/**
 * The stack on an empty and on a full log: accepted over HTTP, and carried through, in one run of one stack.
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
import { measure, medians, round } from './measure.mjs';
import { clientOf, cpuOf, databasesOf, expectStatus, plantProjects, workerOf } from './stack.mjs';
import { carryThrough, cpuMsFor, requestDisk, until, usedDisks, withStack } from './system.mjs';

const connections = 32;
const sweepIntervalMs = 24 * 60 * 60_000;

/** Filling, or catching up, at less than 1 000 events a second is given up. */
const bounded = (name, events) => {
  const seconds = 60 + events / 1_000;
  const end = performance.now() + seconds * 1_000;
  return (progress) => {
    if (performance.now() > end) throw new Error(`${name}: not within ${round(seconds)} s (${progress})`);
  };
};

/** So much goes before each measuring that it does not fall on code and connections which were never used. */
const warmUp = { disks: 500, ms: 3_000 };

/** CPU in ms that one of `count` cost since `before`: all of Strata and its database, and the simulator by itself. */
const cpuFor = async (stack, count, before) => {
  const { simulator, ...own } = cpuMsFor(count, before, await cpuOf(stack.pid));
  const { postgres, api, projector } = own;
  const cpuMs = round(Object.values(own).reduce((sum, each) => sum + each, 0));
  return { cpuMs, postgres, api, projector, simulator };
};

const carried = async ({ stack, admin, used, projects }, { disks, rounds }) => {
  const through = (count) => carryThrough({ admin, projects, disks: count, callers: connections, used });
  await through(warmUp.disks);
  const before = await cpuOf(stack.pid);
  const runs = [];
  for (let n = 0; n < rounds; n += 1) runs.push(await through(disks));
  return { perSecond: round(medians(runs).perSecond), ...(await cpuFor(stack, disks * rounds, before)) };
};

/** The worker is held meanwhile; what was accepted is carried through afterwards. */
const accepted = async ({ stack, apiUrl, token, used, projects }, { seconds, rounds }) => {
  const worker = await workerOf(stack.pid);
  const client = clientOf(apiUrl, token, connections);
  const usedBefore = await used();
  const runs = [];
  let disks = 0;
  let cpu;
  const run = async (ms) => {
    const measured = await measure(connections, ms, () => requestDisk(client, projects));
    disks += measured.count;
    return measured;
  };
  process.kill(worker, 'SIGSTOP');
  try {
    await run(warmUp.ms);
    const before = await cpuOf(stack.pid);
    const warmedUp = disks;
    for (let n = 0; n < rounds; n += 1) runs.push(await run(seconds * 1_000));
    cpu = await cpuFor(stack, disks - warmedUp, before);
  } finally {
    process.kill(worker, 'SIGCONT');
    await client.close();
  }
  await until(async () => (await used()) === usedBefore + disks, 600_000, `${disks} accepted disks carried through`);
  const { perSecond, p50, p99 } = medians(runs);
  return { perSecond: round(perSecond), ...cpu, p50: round(p50), p99: round(p99) };
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

const rowsOf = (name, empty, full, member) => ({
  [`${name}, empty log`]: empty[member],
  [`${name}, full log`]: {
    ...full[member],
    'against empty': ratio(full[member].perSecond, empty[member].perSecond),
    'CPU against empty': ratio(full[member].cpuMs, empty[member].cpuMs),
  },
});

/** What autovacuum and the checkpointer would do in the next minutes, and would be measured with the stack. */
const settle = async ({ database }) => {
  await database.query('vacuum (analyze)');
  await database.query('checkpoint');
};

const measured = async (it, load) => {
  await settle(it);
  const throughput = await carried(it, load);
  await settle(it);
  return { carried: throughput, accepted: await accepted(it, load) };
};

/** Both figures before and after filling, with how many times slower the full log is. */
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
      const all = { ...it, store, database, bindingId, binding, used };
      try {
        await liftCloudQuota(all);
        const empty = await measured(all, load);
        projects.push(...(await plantProjects(admin, seeded.root, projectCount - projects.length, 'filled')));
        const filling = await fillLog(all, events);
        await caughtUp(all, events);
        const sweep = await sweptClean(all);
        const { position } = await store.head();
        const full = await measured(all, load);
        const place = `${position} events, ${sweep.disks} disks, ${projects.length} projects`;
        return {
          table: {
            ...rowsOf('carried through', empty, full, 'carried'),
            ...rowsOf(`accepted at ${connections}`, empty, full, 'accepted'),
            [`filling, to ${place}`]: { perSecond: round(events / filling.seconds) },
            'a sweep over all of it': { perSecond: round(sweep.disks / sweep.seconds) },
          },
          slower: {
            carried: empty.carried.perSecond / full.carried.perSecond,
            accepted: empty.accepted.perSecond / full.accepted.perSecond,
          },
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
  const { table, slower } = await benchFullLog(numbers);
  console.table(table);
  console.log('empty / full', slower);
}
