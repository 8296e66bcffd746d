export type { QueueBackend } from './backend.js';
export { BullmqStepQueue, type StepQueueSettings } from './bullmq-step-queue.js';
export { BullmqStepWorker, type StepWorkerSettings } from './bullmq-step-worker.js';
export { preparePostgresQueue, type PreparePostgresQueue } from './prepare-postgres.js';
