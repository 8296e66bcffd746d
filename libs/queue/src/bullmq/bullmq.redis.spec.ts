import { TestRedis } from '@strata/testing';
import { stepQueueContract } from '../contract/index.js';
import { BullmqStepQueue, BullmqStepWorker, type QueueBackend } from './index.js';

stepQueueContract('Redis', async () => {
  const server = await TestRedis.start();
  const backend: QueueBackend = { kind: 'redis', url: server.url };
  return {
    openQueue: (timeoutMs) => new BullmqStepQueue({ backend, timeoutMs, onFault: () => undefined }),
    openWorker: (worker) => new BullmqStepWorker({ backend, ...worker }),
    wipe: () => server.wipe(),
    stop: () => server.kill(),
    start: () => server.resume(),
    end: () => server.end(),
  };
});
