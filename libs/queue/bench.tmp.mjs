import { BullmqStepQueue, BullmqStepWorker, preparePostgresQueue } from './dist/bullmq/index.js';
import { RedisServer } from './dist/contract/redis-server.js';
import { PostgresServer } from './dist/contract/postgres-server.js';
import { jobs, job } from './dist/contract/queue-under-test.js';
const kind = process.argv[2]; const conc = +(process.argv[3] ?? 16);
let backend, end;
if (kind === 'redis') { const s = await RedisServer.start(); backend = { kind, url: s.url }; end = () => s.end(); }
else { const s = await PostgresServer.start(); await preparePostgresQueue({ ownerUrl: s.urlOf('postgres'), roles: [] }).catch(e=>console.log(e.message)); backend = { kind, url: s.urlOf('postgres') }; end = () => s.end(); }
const onFault = (e) => console.log('fault', e.message);
const q = new BullmqStepQueue({ backend, timeoutMs: 20000, onFault });
await q.admit([job('send', 999999)]);
const rate = (n, t) => Math.round(n / (performance.now() - t) * 1000);
for (const size of [1, 8, 50, 500]) { const n = size < 50 ? 800 : 5000; const all = jobs('send', n, size * 100000); const t = performance.now(); for (let i = 0; i < n; i += size) await q.admit(all.slice(i, i + size)); console.log(kind, 'admit by', size, rate(n, t), 'jobs/s'); }
let done = 0, hit; let target = 11601; let all = new Promise(r => hit = r);
let run = async () => { if (++done === target) hit(); };
const w = new BullmqStepWorker({ backend, run: (...a) => run(...a), concurrency: { send: conc, look: conc }, onFault });
let t = performance.now(); await w.start(); await all; console.log(kind, `one lane, concurrency ${conc}:`, rate(target, t), 'jobs/s');
done = 0; target = 8000; all = new Promise(r => hit = r);
await Promise.all([q.admit(jobs('send', 4000, 5e6)), q.admit(jobs('look', 4000, 6e6))]); t = performance.now(); await all; console.log(kind, 'both lanes:', rate(8000, t), 'jobs/s (admission not counted)');
const lat = []; let seen; run = async () => seen();
for (let i = 0; i < 200; i++) { const p = new Promise(r => seen = r); const s = performance.now(); await q.admit([job('send', 7e6 + i)]); await p; lat.push(performance.now() - s); }
lat.sort((a, b) => a - b); console.log(kind, 'idle admit -> run p50', lat[100].toFixed(1), 'p95', lat[190].toFixed(1), 'ms');
await w.drain(5000); await q.close(); await end(); process.exit();
