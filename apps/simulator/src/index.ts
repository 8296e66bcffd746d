export type { FaultKind, FaultsBody, FaultSpec } from './faults/fault.js';
export type { Operation } from './http/call.js';
export {
  DEFAULT_JOB_MS,
  DEFAULT_PORT,
  DEFAULT_QUOTA,
  DEFAULT_SEED,
  REGION,
  type QuotaLimits,
  type Seed,
  type SeedProject,
  type SimulatorOptions,
} from './options.js';
export { startSimulator, type Simulator } from './simulator.js';
