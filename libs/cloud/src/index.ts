export * from './disk-cloud.js';
export * from './snapshot-cloud.js';
