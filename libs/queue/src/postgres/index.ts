export * from './operation-schedule.js';
