import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '@strata/event-store/postgres';
import { Pool } from 'undici';

const entry = new URL('../../apps/standalone/dist/main.js', import.meta.url).pathname;

/** The whole of Strata in a folder of its own, as `npm start` runs it; `settings` are further variables. */
export const startStack = async (settings = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'));
  await chmod(folder, 0o755);
  const dataDir = join(folder, 'data');
  const env = { ...process.env, STRATA_DATA_DIR: dataDir, STRATA_PORT: '0', STRATA_SIMULATOR_PORT: '0' };
  const child = spawn(process.execPath, [entry], {
    env: { ...env, STRATA_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('is ready')) break;
  }
  child.stdout.resume?.();
  const credentials = JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8'));
  const stop = async () => {
    child.kill('SIGINT');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  return { credentials, dataDir, pid: child.pid, stop };
};

/** The database of a running stack: its port from the server's own file, its passwords from the keys of the folder. */
export const databasesOf = async (dataDir) => {
  const pidFile = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
  const keys = JSON.parse(await readFile(join(dataDir, 'keys.json'), 'utf8'));
  const adminUrl = `postgres://postgres:${encodeURIComponent(keys.postgresPassword)}@127.0.0.1:${pidFile.split('\n')[3]}/postgres`;
  const { ownerPassword: owner, apiPassword: api, workerPassword: worker } = keys;
  return databaseUrls(adminUrl, 'strata', { owner, api, worker });
};

/** A client over `connections` kept connections. */
export const clientOf = (url, token, connections) => {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const call = async (method, path, body) => {
    const answer = await pool.request({
      method,
      path,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: await answer.body.json() };
  };
  return { call, close: () => pool.close() };
};

export const expectStatus = (answer, status) => {
  if (answer.status !== status) throw new Error(`expected ${status}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** Projects two levels below the root, in a team of their own, without limits that matter. */
export const plantProjects = async (admin, root, count, name = 'bench') => {
  const team = expectStatus(await admin.call('POST', '/v1/projects', { name, parentId: root }), 201);
  const projects = [];
  for (let n = 0; n < count; n += 1) {
    const made = await admin.call('POST', '/v1/projects', { name: `${name}-${n}`, parentId: team.id });
    projects.push(expectStatus(made, 201).id);
  }
  return projects;
};

const statusOf = async (pid) => {
  try {
    return await readFile(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
};

/** This process and all below it, with what they are. */
export const familyOf = async (root) => {
  const parents = new Map();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)/m.exec(await statusOf(name))?.[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const family = new Set([root]);
  for (let grew = true; grew;) {
    const size = family.size;
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid);
    grew = family.size > size;
  }
  return [...family];
};

const partOf = (commandLine) =>
  /apps\/(\w+)\/dist/.exec(commandLine)?.[1] ?? (commandLine.includes('postgres') ? 'postgres' : 'other');

/** Proportional set size in MiB (proc(5), smaps_rollup) of each part of the stack. */
export const memoryOf = async (root) => {
  const parts = {};
  for (const pid of await familyOf(root)) {
    const commandLine = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    const pssKiB = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    const part = partOf(commandLine);
    parts[part] = (parts[part] ?? 0) + pssKiB / 1024;
  }
  return parts;
};

const ticksPerSecond = 100;

/** CPU seconds that each part of the stack has used so far (proc(5), stat), children that have ended included. */
export const cpuOf = async (root) => {
  const parts = {};
  for (const pid of await familyOf(root)) {
    const commandLine = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') ');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0);
    const part = partOf(commandLine);
    parts[part] = (parts[part] ?? 0) + ticks / ticksPerSecond;
  }
  return parts;
};

export const workerOf = async (root) => {
  for (const pid of await familyOf(root)) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.includes('apps/worker/dist')) return pid;
  }
  throw new Error('no worker is running');
};
