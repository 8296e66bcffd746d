export * from './quotas.module.js';
