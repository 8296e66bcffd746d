export * from './operation.errors.js';
export * from './operation.events.js';
export * from './operation.history.js';
export * from './operation.js';
