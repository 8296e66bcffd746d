import { measure, round } from './measure.mjs';
import { clientOf, cpuOf, expectStatus, memoryOf, plantProjects, startStack, workerOf } from './stack.mjs';

const disk = { name: 'bench', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
const projectCount = 50;

const withStack = async (use) => {
  const stack = await startStack();
  const { apiUrl, simulatorUrl, tokens, projects } = stack.credentials;
  const admin = clientOf(apiUrl, tokens.platformAdmin, 64);
  const simulator = clientOf(simulatorUrl, '', 1);
  try {
    expectStatus(await simulator.call('POST', '/_simulator/latency', { jobMs: 0 }), 200);
    const made = await plantProjects(admin, projects.root, projectCount);
    return await use({ stack, apiUrl, token: tokens.platformAdmin, admin, projects: made });
  } finally {
    await admin.close();
    await simulator.close();
    await stack.stop();
  }
};

const requestDisk = async (client, projects, body = disk) => {
  const project = projects[Math.floor(Math.random() * projects.length)];
  return expectStatus(await client.call('POST', `/v1/projects/${project}/disks`, body), 202);
};

/** Commands accepted over HTTP: followers on, the worker held so that only acceptance is measured. */
export const benchAccept = ({ seconds, connections }) =>
  withStack(async ({ stack, apiUrl, token, projects }) => {
    process.kill(await workerOf(stack.pid), 'SIGSTOP');
    const rows = {};
    for (const count of connections) {
      const client = clientOf(apiUrl, token, count);
      await measure(count, 1_000, () => requestDisk(client, projects));
      const { perSecond, p50, p95, p99 } = await measure(count, seconds * 1_000, () => requestDisk(client, projects));
      rows[count] = { perSecond: round(perSecond), p50: round(p50), p95: round(p95), p99: round(p99) };
      await client.close();
    }
    return rows;
  });

const pollMs = 100;
const until = async (what, within) => {
  const end = performance.now() + within;
  while (performance.now() < end) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error('not within the bound');
};

const usedDisks = async (admin, projects) => {
  let used = 0;
  for (const project of projects) {
    const { dimensions } = expectStatus(await admin.call('GET', `/v1/projects/${project}/quota`), 200);
    used += dimensions.find(({ dimension }) => dimension === 'disks')?.used ?? 0;
  }
  return used;
};

/** From the first request until the last disk is available, everything on. */
export const benchCarryThrough = ({ disks, callers }) =>
  withStack(async ({ stack, admin, projects }) => {
    await Promise.all(Array.from({ length: 20 }, () => requestDisk(admin, projects)));
    await until(async () => (await usedDisks(admin, projects)) === 20, 60_000);
    const cpuBefore = await cpuOf(stack.pid);
    const begun = performance.now();
    let left = disks;
    const caller = async () => {
      while (left-- > 0) await requestDisk(admin, projects);
    };
    await Promise.all(Array.from({ length: callers }, caller));
    const accepted = performance.now() - begun;
    await until(async () => (await usedDisks(admin, projects)) === disks + 20, 300_000);
    const seconds = (performance.now() - begun) / 1_000;
    const cpuAfter = await cpuOf(stack.pid);
    const cpuMsPerDisk = Object.fromEntries(
      Object.entries(cpuAfter).map(([part, used]) => [part, round(((used - (cpuBefore[part] ?? 0)) * 1_000) / disks)]),
    );
    const memory = await memoryOf(stack.pid);
    const figures = { perSecond: round(disks / seconds), acceptedWithinMs: round(accepted), seconds: round(seconds) };
    return { ...figures, cpuMsPerDisk, memory };
  });

/** One request after the other, and how long each waits until its write leaves for the cloud. */
export const benchAcceptToSent = ({ requests }) =>
  withStack(async ({ admin, projects }) => {
    const waits = [];
    for (let n = 0; n < requests; n += 1) {
      const { id } = await requestDisk(admin, projects);
      const ended = async () =>
        expectStatus(await admin.call('GET', `/v1/operations/${id}`), 200).status === 'succeeded';
      await until(ended, 30_000);
      const { items } = expectStatus(await admin.call('GET', `/v1/operations/${id}/events?limit=50`), 200);
      const timeOf = (type) => Date.parse(items.find((event) => event.type === type).recordedAt);
      waits.push(timeOf('SendIntended') - timeOf('OperationRequested'));
    }
    waits.sort((a, b) => a - b);
    return { p50: waits[Math.floor(waits.length / 2)], p95: waits[Math.floor(waits.length * 0.95)] };
  });
