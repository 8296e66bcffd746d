/**
 * Pages of 100 of many disks over HTTP, with each filter and each sort, at 1, 8 and 32 callers.
 * node tools/bench/lists.mjs [--disks=50000] [--projects=2000] [--seconds=3]
 *
 * The disks are written through the lane and shown by the view, as everything else; they differ in name, size, type, zone,
 * tags and age. Only the api and its database work while it is measured: the worker is held, nothing is due.
 */
import { parseArgs } from 'node:util';
import { PostgresEventStore } from '@strata/event-store/postgres';
import { decideDisk, initialDisk } from '@strata/disks';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { overAll } from './disk-lives.mjs';
import { leanClient } from './lean-client.mjs';
import { measure, round } from './measure.mjs';
import { cpuOf, databasesOf, plantProjects, workerOf } from './stack.mjs';
import { cpuMsFor, until, withStack } from './system.mjs';

const types = ['SSD', 'SAS', 'GPSSD', 'ESSD'];
const zones = ['eu-de-01', 'eu-de-02', 'eu-de-03'];
const teams = ['ledger', 'search', 'mail', 'web', 'batch'];
const pick = (values, n) => values[n % values.length];

const specOf = (n) => ({
  ...{ name: `disk-${(n * 7_919) % 50_021}`, description: n % 3 === 0 ? 'of the bench' : '' },
  ...{ sizeGiB: 10 + ((n * 31) % 990), type: pick(types, n), availabilityZone: pick(zones, n >> 2) },
  ...{ tags: { team: pick(teams, n >> 3), stage: n % 10 === 0 ? 'live' : 'test' }, metadata: {} },
});

/** One append for each disk: requested and provisioned. */
const plantDisks = async ({ store, projects, bindingId, count, late }) => {
  const all = Array.from({ length: count }, (_, n) => n);
  const cloudIds = new Array(count);
  await overAll(all, 128, late, async (n) => {
    const [diskId, operationId] = [newId(), newId()];
    const projectId = pick(projects, n);
    const work = { operationId, shownAs: operationId };
    const { events } = decideDisk(
      { type: 'RequestDisk', diskId, projectId, bindingId, spec: specOf(n), work },
      initialDisk,
    );
    const stream = `disk-${diskId}`;
    cloudIds[n] = newId();
    const provisioned = {
      ...{ type: 'DiskProvisioned', schemaVersion: 1, data: { operationId, cloudId: cloudIds[n] } },
      charges: events[0].charges.map(({ dimension, held }) => ({ dimension, held: -held, used: held, releasing: 0 })),
    };
    const meta = { actorId: bindingId, operationId, correlationId: operationId };
    const streams = [{ stream, projectId, expectedVersion: 0, events: [...events, provisioned] }];
    const verdict = await store.append({ appendId: newId(), mode: 'fact', meta, streams });
    if (verdict.status !== 'committed') throw new Error(`not committed: ${JSON.stringify(verdict)}`);
  });
  return cloudIds;
};

/** Each filter and each sort that the list knows, and some of both. */
const queriesOf = (cloudIds) => {
  const sorts = ['createdAt', 'updatedAt', 'name', 'sizeGiB', 'type', 'availabilityZone', 'status'];
  const some = () => cloudIds[Math.floor(Math.random() * cloudIds.length)];
  const plain = {
    ...Object.fromEntries(sorts.flatMap((by) => [by, `-${by}`].map((sort) => [`sort=${sort}`, () => `sort=${sort}`]))),
    'name=': () => `name=disk-${Math.floor(Math.random() * 50_000)}`,
    'description=': () => 'description=of%20the%20bench',
    'status=': () => 'status=available',
    'status= (none)': () => 'status=error',
    'type=': () => 'type=SAS',
    'availabilityZone=': () => 'availabilityZone=eu-de-02',
    'sizeGiB=': () => `sizeGiB=${10 + Math.floor(Math.random() * 990)}`,
    'sizeGiB.gte=': () => 'sizeGiB.gte=900',
    'createdAt.lte=': () => 'createdAt.lte=2000-01-01T00:00:00Z',
    'tags.team=': () => 'tags.team=mail',
    'tags.stage= (one in ten)': () => 'tags.stage=live',
    'tags.none= (none)': () => 'tags.none=here',
    'bootable= (none)': () => 'bootable=true',
    'attachments.serverId= (none)': () => 'attachments.serverId=none',
    'cloud.id=': () => `cloud.id=${some()}`,
    'type= sort=name': () => 'type=SAS&sort=name',
    'type=& availabilityZone= sort=-sizeGiB': () => 'type=SAS&type=SSD&availabilityZone=eu-de-02&sort=-sizeGiB',
    'tags.stage= sort=name': () => 'tags.stage=live&sort=name',
    'name= sort=type': () => `name=disk-${Math.floor(Math.random() * 50_000)}&sort=type`,
    'status=& tags.team= sort=updatedAt': () => 'status=available&tags.team=web&sort=updatedAt',
  };
  return plain;
};

const measured = async ({ pid, apiUrl, token, base, queries, ms }) => {
  const rows = {};
  const [one, some, many] = await Promise.all([1, 8, 32].map((callers) => leanClient(apiUrl, token, callers)));
  for (const [name, query] of Object.entries(queries)) {
    const path = () => `${base}?limit=100&${query()}`;
    const bytes = await one.get(path());
    await measure(1, 200, () => one.get(path()));
    const alone = await measure(1, ms / 3, () => one.get(path()));
    const few = await measure(8, ms / 3, (caller) => some.get(path(), caller));
    const before = await cpuOf(pid);
    const crowd = await measure(32, ms, (caller) => many.get(path(), caller));
    const { api, postgres } = cpuMsFor(crowd.count, before, await cpuOf(pid));
    rows[name] = {
      ...{ 'KiB a page': round(bytes / 1024), 'p50 at 1': round(alone.p50), 'p99 at 1': round(alone.p99) },
      ...{ 'p50 at 8': round(few.p50), 'p99 at 8': round(few.p99) },
      ...{ 'per s at 32': round(crowd.perSecond), 'p50 at 32': round(crowd.p50), 'p99 at 32': round(crowd.p99) },
      ...{ 'api CPU ms': api, 'postgres CPU ms': postgres, 'own CPU ms': round(crowd.ownCpu / 1_000) },
    };
  }
  for (const reader of [one, some, many]) reader.close();
  return rows;
};

const bounded = (seconds) => {
  const end = performance.now() + seconds * 1_000;
  return (progress) => {
    if (performance.now() > end) throw new Error(`not within ${seconds} s (${progress})`);
  };
};

/** `all`: /v1/disks over every project, for who sees them all; `one`: the list of one project. */
export const benchLists = ({ disks, projects: projectCount, seconds }) =>
  withStack(
    async ({ stack, apiUrl, admin, token, projects }) => {
      const { projects: seeded, bindings } = stack.credentials;
      const urls = await databasesOf(stack.dataDir);
      const store = new PostgresEventStore({ url: urls.api });
      const database = new pg.Client({ connectionString: urls.admin });
      await database.connect();
      try {
        const more = projectCount - projects.length;
        if (more > 0) projects.push(...(await plantProjects(admin, seeded.root, more, 'lists')));
        const late = bounded(60 + disks / 200);
        const cloudIds = await plantDisks({ store, projects, bindingId: bindings.simulator, count: disks, late });
        const shown = async () => {
          const { rows } = await database.query('select count(*)::int as n from view_disks where valid_to is null');
          late(`${rows[0].n} are shown`);
          return rows[0].n >= disks;
        };
        await until(shown, Infinity, 'the disks in the view');
        await database.query('vacuum (analyze)');
        await database.query('checkpoint');
        process.kill(await workerOf(stack.pid), 'SIGSTOP');
        const queries = queriesOf(cloudIds);
        const on = { pid: stack.pid, apiUrl, token, ms: seconds * 1_000 };
        const all = await measured({ ...on, base: '/v1/disks', queries });
        const busiest = projects[0];
        const few = Object.fromEntries(
          Object.entries(queries).filter(([name]) => /^sort=-?(createdAt|name)|tags/.test(name)),
        );
        const one = await measured({ ...on, base: `/v1/projects/${busiest}/disks`, queries: few });
        process.kill(await workerOf(stack.pid), 'SIGCONT');
        return { all, one };
      } finally {
        await database.end();
        await store.close();
      }
    },
    { STRATA_SWEEP_INTERVAL_MS: String(24 * 60 * 60_000) },
  );

if (import.meta.main) {
  const option = (value) => ({ type: 'string', default: String(value) });
  const options = { disks: option(50_000), projects: option(2_000), seconds: option(3) };
  const { values } = parseArgs({ options });
  const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
  const { all, one } = await benchLists(numbers);
  console.log('/v1/disks');
  console.table(all);
  console.log('/v1/projects/{one}/disks');
  console.table(one);
}
