/**
 * All figures in one run, side by side, and how they stand to what was to be reached. Build first (`npm run bench` does).
 * node tools/bench/run.mjs [--quick]   --quick: shorter, without the minute of an idle snapshot, the full logs and the lists
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchFullLog } from './full-log.mjs';
import { benchCallers, benchFilled, benchProcesses, benchSnapshot } from './lane.mjs';
import { median, round } from './measure.mjs';
import { benchLists } from './lists.mjs';
import { benchRebuild } from './rebuild.mjs';
import { benchAccept, benchAcceptToSent, benchCarryThrough } from './system.mjs';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const { quick } = values;
const [ms, rounds] = quick ? [1_500, 2] : [3_000, 3];

const part = async (name, run) => {
  console.log(`\n${name} (load ${round(loadavg()[0])} on ${cpus().length} cores)`);
  const table = await run();
  console.table(table);
  return table;
};

const lane = await part('The lane, Emmett, a raw insert: per second, ms, µs of CPU', () =>
  benchCallers({ callers: [1, 8, 32, 128], ms, rounds }),
);
await part('The lane from several processes', () => benchProcesses({ ms, rounds }));
const snapshot = quick
  ? undefined
  : await part('An idle snapshot', () => benchSnapshot({ ms, rounds, holdMs: 60_000 }));
const rebuild = await part('Rebuild of a view', () => benchRebuild({ events: quick ? 40_000 : 200_000 }));
const accept = await part('Accepted over HTTP, by connections', () =>
  benchAccept({ seconds: ms / 1_000, connections: [1, 8, 32, 64] }),
);
const sent = await part('From accepted to sent, ms', () => benchAcceptToSent({ requests: quick ? 30 : 100 }));
let memory = {};
const carried = await part('Carried through to available, jobs at 0 ms; CPU in ms for each disk', async () => {
  const {
    cpuMsPerDisk,
    memory: pss,
    ...figures
  } = await benchCarryThrough({ disks: quick ? 500 : 3_000, callers: 32 });
  memory = pss;
  return { figures, cpuMsPerDisk };
});
await part('Proportional set size, MiB', async () =>
  Object.fromEntries(Object.entries(memory).map(([name, mib]) => [name, { mib: Math.round(mib) }])),
);
const filled = quick
  ? undefined
  : await part('The lane on a full log', () => benchFilled({ ms, rounds, events: 1_000_000 }));
let worse = {};
if (!quick) {
  await part('The stack on a full log; CPU in ms for each disk, latencies in ms, memory in MiB', async () => {
    const load = { disks: 2_000, seconds: ms / 1_000, rounds };
    const measured = await benchFullLog({ events: 1_000_000, projects: 2_000, ...load });
    worse = measured.worse;
    return measured.table;
  });
}

let lists = [];
if (!quick) {
  await part('Pages of 100 of 50 000 disks, each filter and each order; ms', async () => {
    const { all, one } = await benchLists({ disks: 50_000, projects: 2_000, seconds: ms / 2_000 });
    lists = Object.values(all).map((row) => row['p99 at 32']);
    const ofOne = Object.fromEntries(Object.entries(one).map(([query, row]) => [`of one project, ${query}`, row]));
    return { ...all, ...ofOne };
  });
}

const raw = lane['raw at 32'].perSecond;
const emmett = lane['emmett at 32'].perSecond;
const own = lane['lane at 32'];
const pssMib = Object.values(memory).reduce((sum, mib) => sum + mib, 0);
const goals = {
  'lane at 32 / Emmett': [own.perSecond / emmett, '>=', 1],
  'lane at 32 / raw insert': [own.perSecond / raw, '>=', 0.22],
  'lane at 32, p99 ms': [own.p99, '<', 20],
  'HTTP accept at 32 / raw insert': [accept[32].perSecond / raw, '>=', 0.1],
  'HTTP accept at 32, p99 ms': [accept[32].p99, '<', 60],
  'rebuild of disks, events/s': [rebuild.disks.perSecond, '>=', 20_000],
  'rebuild of operations, events/s': [rebuild.operations.perSecond, '>=', 20_000],
  'accepted to sent, p50 ms': [sent.p50, '<', 60],
  'carried through, disks/s': [carried.figures.perSecond, '>=', 150],
  'memory of the stack, MiB': [pssMib, '<', 900],
  ...(snapshot && { 'cost of an idle snapshot': [costOf(snapshot), '<=', 1.25] }),
  ...(filled && { 'lane at 32, times worse on a full log': [1 / ratioIn(filled), '<=', 1.3] }),
  ...(lists.length > 0 && {
    'a page of 50 000 disks at 32, p99 ms, by the best filter or order': [Math.min(...lists), '<', 25],
    'a page of 50 000 disks at 32, p99 ms, by the one in the middle': [median(lists), '<', 25],
    'a page of 50 000 disks at 32, p99 ms, by the worst': [Math.max(...lists), '<', 25],
  }),
  ...Object.fromEntries(
    Object.entries(worse).map(([name, times]) => [`${name}, times worse on a full log`, [times, '<=', 1.3]]),
  ),
};

function costOf(table) {
  const [free, held] = Object.values(table);
  return free.perSecond / held.perSecond;
}

function ratioIn(table) {
  const [empty, full] = Object.values(table);
  return full.perSecond / empty.perSecond;
}

const reached = { '>=': (a, b) => a >= b, '<': (a, b) => a < b, '<=': (a, b) => a <= b };
console.log('\nAgainst what was to be reached');
console.table(
  Object.fromEntries(
    Object.entries(goals).map(([name, [figure, sign, goal]]) => [
      name,
      { figure: round(figure), goal: `${sign} ${goal}`, reached: reached[sign](figure, goal) ? 'yes' : 'NO' },
    ]),
  ),
);
