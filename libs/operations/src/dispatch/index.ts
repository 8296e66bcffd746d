export * from './pause-changes.js';
export * from './schedule-changes.js';
