export * from './operation-schedule.js';
export * from './leases.js';
