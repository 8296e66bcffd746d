export * from './schedule-changes.js';
