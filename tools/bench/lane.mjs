/**
 * The commit lane beside Emmett's PostgreSQL store and a raw prepared insert, in one run on one fresh server.
 * node tools/bench/lane.mjs [--seconds=3] [--rounds=3] [--fill=0]   (build libs first)
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { embeddedSettings, launchPostgres } from '@strata/event-store/embedded';
import { bootstrap, migrate, PostgresEventStore } from '@strata/event-store/postgres';
import { commanding, plantTree } from './lane-load.mjs';
import { emmett, rawInsert } from './lane-rivals.mjs';
import { serverCpuSeconds } from './server-cpu.mjs';
import { measure, medians, round } from './measure.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    callers: { type: 'string', default: '1,8,32,128' },
    only: { type: 'string', default: 'lane,emmett,raw' },
  },
});
const ms = Number(values.seconds) * 1_000;
const callers = values.callers.split(',').map(Number);
const only = values.only.split(',');

const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'));
await chmod(folder, 0o755);
const server = await launchPostgres({
  ...{ dataDir: join(folder, 'cluster'), password: 'bench', logFile: join(folder, 'log'), endsWithParent: true },
  settings: { ...embeddedSettings, max_connections: 300 },
});
const serverCpu = () => serverCpuSeconds(server.pid);
try {
  const passwords = { owner: 'owner', api: 'api', worker: 'worker' };
  const urls = await bootstrap(server.adminUrl, { database: 'bench', passwords });
  await migrate(urls.admin);
  const store = new PostgresEventStore({ url: urls.api });
  const projects = await plantTree(store, { teams: 20, projectsPerTeam: 25 });
  const most = Math.max(...callers);
  const rivals = {
    lane: { act: commanding(store, projects), close: () => store.close() },
    ...(only.includes('emmett') && { emmett: await emmett(server.adminUrl, Math.min(most, 100)) }),
    ...(only.includes('raw') && { raw: await rawInsert(server.adminUrl, Math.min(most, 128)) }),
  };
  const table = {};
  for (const count of callers) {
    const runs = Object.fromEntries(Object.keys(rivals).map((name) => [name, []]));
    for (const { act } of Object.values(rivals)) await measure(count, 300, act);
    for (let n = 0; n < Number(values.rounds); n += 1) {
      for (const [name, { act }] of Object.entries(rivals)) runs[name].push(await measure(count, ms, act, serverCpu));
    }
    for (const [name, own] of Object.entries(runs)) {
      const { count: _, ...figures } = medians(own);
      table[`${name} at ${count}`] = Object.fromEntries(Object.entries(figures).map(([k, v]) => [k, round(v)]));
    }
    const lane = table[`lane at ${count}`].perSecond;
    for (const rival of ['emmett', 'raw']) {
      const row = table[`${rival} at ${count}`];
      if (row) row.lane = `${round(lane / row.perSecond)} x`;
    }
  }
  console.table(table);
  for (const { close } of Object.values(rivals)) await close();
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
