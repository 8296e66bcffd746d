export * from './operation-schedule.js';
export * from './leases.js';
export * from './shown-operations.js';
