export { stepQueueContract } from './step-queue.contract.js';
export type { QueueUnderTest, WorkerUnderTest } from './queue-under-test.js';
