import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded, type Operation } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { Services } from './harness/services.js';

const perSecond = 20;
const disks = 50;

let services: Services;
beforeAll(async () => {
  services = await Services.start({ env: { STRATA_CLOUD_REQUESTS_PER_SECOND: String(perSecond) } });
  await services.raiseLimits(services.seeded.projects.alpha);
});
afterAll(() => services.stop());

const requests = async (): Promise<number> => {
  const calls = Object.entries(await services.cloud.calls());
  return calls.reduce((sum, [, { total }]) => sum + total, 0);
};

describe('a worker with a budget of requests', () => {
  it('asks a cloud no more often than that, and carries everything out', { timeout: 300_000 }, async () => {
    const { alpha, cloud, seeded } = services;
    await cloud.jobsTake(0);
    await eventually('the binding was looked at', async () => (await requests()) > 3);
    // The time around the count on both sides: whatever holds this test up makes the rate look smaller, never larger.
    const [begun, before] = [performance.now(), await requests()];
    const wish = { name: 'x', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01', count: disks };
    const { body } = await alpha.post<Operation>(`/v1/projects/${seeded.projects.alpha}/disks`, wish);
    const batch = await eventually('the batch has ended', async () => {
      const operation = await alpha.read<Operation>(`/v1/operations/${body.id}`);
      return hasEnded(operation) && operation;
    });
    const made = (await requests()) - before;
    const seconds = (performance.now() - begun) / 1_000;
    expect(batch.status).toBe('succeeded');
    // One that creates and one that looks, for each disk.
    expect(made).toBeGreaterThanOrEqual(2 * disks);
    expect(made / seconds).toBeLessThanOrEqual(perSecond * 1.15);
  });
});
