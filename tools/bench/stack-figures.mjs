/** What a stack is measured by, whatever its log holds. */
import { rebuildView, removeGeneration } from '@strata/event-store/postgres';
import pg from 'pg';
import { types, views } from '../../apps/cli/dist/view/known-views.js';
import { leanClient } from './lean-client.mjs';
import { measure, medians, round } from './measure.mjs';
import { cpuOf, memoryOf, workerOf } from './stack.mjs';
import { acceptToSent, carryThrough, cpuMsFor, postDisk, until } from './system.mjs';

export const connections = 32;
/** So much goes before each measuring that it does not fall on code and connections which were never used. */
const warmUp = { disks: 500, ms: 3_000 };
const sentOneByOne = 50;

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
  const client = await leanClient(apiUrl, token, connections);
  const usedBefore = await used();
  const runs = [];
  let disks = 0;
  let cpu;
  const run = async (ms) => {
    const measured = await measure(connections, ms, (caller) => postDisk(client, projects, caller));
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
    client.close();
  }
  await until(async () => (await used()) === usedBefore + disks, 600_000, `${disks} accepted disks carried through`);
  const { perSecond, p50, p99 } = medians(runs);
  return { perSecond: round(perSecond), ...cpu, p50: round(p50), p99: round(p99) };
};

const memory = async ({ stack }) => {
  const parts = await memoryOf(stack.pid);
  const all = Object.values(parts).reduce((sum, mib) => sum + mib, 0);
  return Object.fromEntries(Object.entries({ all, ...parts }).map(([part, mib]) => [part, Math.round(mib)]));
};

/** From an empty generation to the end of the log, beside the view in use, of which it must not differ. */
const rebuilt = async ({ urls, store }, view) => {
  const projection = views.find(({ name }) => name === view);
  const pool = new pg.Pool({ connectionString: urls.worker, max: 4 });
  try {
    const { position: end } = await store.head();
    const begun = performance.now();
    let filledAfterMs = 0;
    const progressed = (at) => {
      if (at >= end) filledAfterMs ||= performance.now() - begun;
    };
    const made = await rebuildView({ pool, types, projection, progressed });
    await removeGeneration(pool, projection, made.generation);
    const { different } = made.differences;
    if (different > 0) throw new Error(`${view}: ${different} rows differ from what a rebuild makes`);
    return { perSecond: round(end / (filledAfterMs / 1_000)) };
  } finally {
    await pool.end();
  }
};

/** What autovacuum and the checkpointer would do in the next minutes, and would be measured with the stack. */
const settle = async ({ database }) => {
  await database.query('vacuum (analyze)');
  await database.query('checkpoint');
};

/** Of a stack whose worker has nothing to do, and that is left so. */
export const figuresOf = async (it, load) => {
  const figures = {};
  const parts = {
    carried: () => carried(it, load),
    accepted: () => accepted(it, load),
    sent: () => acceptToSent(it, sentOneByOne),
    memory: () => memory(it),
    'rebuild of disks': () => rebuilt(it, 'disks'),
    'rebuild of operations': () => rebuilt(it, 'operations'),
  };
  for (const [name, measured] of Object.entries(parts)) {
    await settle(it);
    figures[name] = await measured();
  }
  return figures;
};
