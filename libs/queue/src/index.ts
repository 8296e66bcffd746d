export * from './schedule.js';
export * from './step-queue.js';
export * from './step-worker.js';
