export type { FaultKind, FaultsBody, FaultSpec } from './faults/fault.js';
export { OPERATIONS, type Operation } from './http/operation.js';
export {
  DEFAULT_JOB_MS,
  DEFAULT_PORT,
  DEFAULT_QUOTA,
  DEFAULT_SEED,
  REGION,
  type QuotaLimits,
  type Seed,
  type SeedAccessKey,
  type SeedProject,
  type SimulatorOptions,
} from './options.js';
export { servedCalls, type ServedCall } from './served-calls.js';
export { startSimulator, type Simulator } from './simulator.js';
