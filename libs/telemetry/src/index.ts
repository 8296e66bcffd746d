export * from './log-context.js';
export * from './logger.js';
export * from './trace-context.js';
export * from './run-process.js';
