export * from './gather.js';
export * from './operation-case.js';
export * from './pace.js';
export * from './plan-step.js';
export * from './run-step.js';
export * from './step-ports.js';
