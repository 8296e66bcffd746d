import { TestRedis } from '@strata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded, type Operation } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { Services } from './harness/services.js';
import { shortLease, theQueueMayBeWiped } from './scenarios/queue-wipe.scenario.js';

theQueueMayBeWiped('Redis', async () => {
  const redis = await TestRedis.start();
  const services = await Services.start({ env: shortLease, redisUrl: redis.url });
  return {
    services,
    wipe: () => redis.wipe(),
    end: async () => {
      await services.stop();
      await redis.end();
    },
  };
});

/** One attempt is enough then, also where a machine stands still for a while between an intent and its answer. */
const timeToSend = {
  STRATA_LEASE_MS: '10000',
  STRATA_SEND_BEFORE_MS: '10000',
  STRATA_CLOUD_REQUEST_TIMEOUT_MS: '15000',
};

describe('a Redis that is gone', () => {
  let redis: TestRedis;
  let services: Services;
  beforeAll(async () => {
    redis = await TestRedis.start();
    services = await Services.start({ env: { ...shortLease, ...timeToSend }, redisUrl: redis.url });
  });
  afterAll(async () => {
    await services.stop();
    await redis.end();
  });

  it('keeps nobody from asking, and what was asked is carried out once it is back', { timeout: 300_000 }, async () => {
    const { alpha, seeded, cloud } = services;
    await redis.kill();
    const accepted: Operation[] = [];
    for (const name of ['one', 'two', 'three']) {
      const wish = { name, sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
      const { status, body } = await alpha.post<Operation>(`/v1/projects/${seeded.projects.alpha}/disks`, wish);
      expect(status).toBe(202);
      accepted.push(body);
    }
    expect((await alpha.get('/health/ready')).status).toBe(200);
    for (const { id } of accepted) {
      expect(await alpha.read(`/v1/operations/${id}`)).toMatchObject({ status: 'queued', waitingFor: 'turn' });
    }
    expect(await cloud.disks()).toEqual([]);
    await redis.resume();
    for (const { id } of accepted) {
      const operation = await eventually(`operation ${id} has ended`, async () => {
        const now = await alpha.read<Operation>(`/v1/operations/${id}`);
        return hasEnded(now) ? now : undefined;
      });
      expect(operation).toMatchObject({ status: 'succeeded', attempts: 1 });
    }
    expect(await cloud.disks()).toHaveLength(3);
  });
});
