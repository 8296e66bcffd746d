export * from './disk-cloud.js';
