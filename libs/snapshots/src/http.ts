export * from './snapshots.module.js';
