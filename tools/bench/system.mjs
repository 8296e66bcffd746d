import { leanClient } from './lean-client.mjs';
import { measure, round } from './measure.mjs';
import { withUsedSegments } from './used-segments.mjs';
import { clientOf, cpuOf, databasesOf, expectStatus, memoryOf, plantProjects, startStack, workerOf } from './stack.mjs';

const disk = { name: 'bench', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
const projectCount = 50;

/** A fresh stack with projects to work in, for the length of `use`; the jobs of its cloud take no time. */
export const withStack = async (use, settings) => {
  const stack = await startStack(settings);
  const { apiUrl, simulatorUrl, tokens, projects } = stack.credentials;
  const admin = clientOf(apiUrl, tokens.platformAdmin, 64);
  const simulator = clientOf(simulatorUrl, '', 1);
  try {
    await withUsedSegments((await databasesOf(stack.dataDir)).admin, 16);
    expectStatus(await simulator.call('POST', '/_simulator/latency', { jobMs: 0 }), 200);
    const made = await plantProjects(admin, projects.root, projectCount);
    return await use({ stack, apiUrl, token: tokens.platformAdmin, admin, simulator, projects: made });
  } finally {
    await admin.close();
    await simulator.close();
    await stack.stop();
  }
};

const someDisks = (projects) => `/v1/projects/${projects[Math.floor(Math.random() * projects.length)]}/disks`;

export const requestDisk = async (client, projects) =>
  expectStatus(await client.call('POST', someDisks(projects), disk), 202);

const diskJson = JSON.stringify(disk);

/** The same by a lean client, which looks at the status only. */
export const postDisk = (client, projects, caller) => client.post(someDisks(projects), diskJson, caller);

/** Somewhat less than the simulated cloud grants. */
const mostDisks = 9_500;

/**
 * Commands accepted over HTTP: followers on, the worker held so that only acceptance is measured. Each number of connections
 * has a stack of its own, and a quick machine is measured for as long as its cloud grants disks.
 */
export const benchAccept = async ({ seconds, connections }) => {
  const rows = {};
  for (const count of connections) rows[count] = await withStack((on) => acceptOver(on, count, seconds));
  return rows;
};

const acceptOver = async ({ stack, apiUrl, token, projects }, connections, seconds) => {
  process.kill(await workerOf(stack.pid), 'SIGSTOP');
  const client = await leanClient(apiUrl, token, connections);
  const act = (caller) => postDisk(client, projects, caller);
  const warmUp = await measure(connections, 1_000, act);
  const longest = (mostDisks - warmUp.count) / (warmUp.perSecond * 1.2);
  const { perSecond, p50, p95, p99 } = await measure(connections, Math.min(seconds, longest) * 1_000, act);
  client.close();
  return { perSecond: round(perSecond), p50: round(p50), p95: round(p95), p99: round(p99) };
};

const pollMs = 100;
/** Asks again and again; beyond `within` ms it is an error that names what did not come. */
export const until = async (what, within, name = 'what was waited for') => {
  const end = performance.now() + within;
  while (performance.now() < end) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error(`${name}: not within ${Math.round(within / 1_000)} s`);
};

/** Disks of these projects, and of those below them, that are in use. */
export const usedDisks = async (admin, projects) => {
  let used = 0;
  for (const project of projects) {
    const { dimensions } = expectStatus(await admin.call('GET', `/v1/projects/${project}/quota`), 200);
    used += dimensions.find(({ dimension }) => dimension === 'disks')?.used ?? 0;
  }
  return used;
};

/** From the first request until the last disk is available. `used` counts those that are. */
export const carryThrough = async ({ admin, projects, disks, callers, used }) => {
  const before = await used();
  const begun = performance.now();
  let left = disks;
  const caller = async () => {
    while (left-- > 0) await requestDisk(admin, projects);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const accepted = performance.now() - begun;
  await until(async () => (await used()) === before + disks, 300_000, `${disks} disks carried through`);
  const seconds = (performance.now() - begun) / 1_000;
  return { perSecond: round(disks / seconds), acceptedWithinMs: round(accepted), seconds: round(seconds) };
};

/** CPU in ms that each part of the stack spent for one of `count`, between two looks. */
export const cpuMsFor = (count, before, after) =>
  Object.fromEntries(
    Object.entries(after).map(([part, used]) => [part, round(((used - (before[part] ?? 0)) * 1_000) / count)]),
  );

/** Disks carried through with everything on. */
export const benchCarryThrough = ({ disks, callers }) =>
  withStack(async ({ stack, admin, projects }) => {
    // Everything hangs below the root: one figure of its quota counts all disks. Asking each project loads what is measured.
    const used = () => usedDisks(admin, [stack.credentials.projects.root]);
    await carryThrough({ admin, projects, disks: 20, callers: 20, used });
    const cpuBefore = await cpuOf(stack.pid);
    const figures = await carryThrough({ admin, projects, disks, callers, used });
    const cpuMsPerDisk = cpuMsFor(disks, cpuBefore, await cpuOf(stack.pid));
    const memory = await memoryOf(stack.pid);
    return { ...figures, cpuMsPerDisk, memory };
  });

/** One request after the other, and how long each waits, in ms, until its write leaves for the cloud. */
export const acceptToSent = async ({ admin, projects }, requests) => {
  const waits = [];
  for (let n = 0; n < requests; n += 1) {
    const { id } = await requestDisk(admin, projects);
    const ended = async () => expectStatus(await admin.call('GET', `/v1/operations/${id}`), 200).status === 'succeeded';
    await until(ended, 30_000);
    const { items } = expectStatus(await admin.call('GET', `/v1/operations/${id}/events?limit=50`), 200);
    const timeOf = (type) => Date.parse(items.find((event) => event.type === type).recordedAt);
    waits.push(timeOf('SendIntended') - timeOf('OperationRequested'));
  }
  waits.sort((a, b) => a - b);
  return { p50: waits[Math.floor(waits.length / 2)], p95: waits[Math.floor(waits.length * 0.95)] };
};

export const benchAcceptToSent = ({ requests }) => withStack((on) => acceptToSent(on, requests));
