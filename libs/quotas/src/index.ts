export * from './quota/quota.js';
export * from './quotas.module.js';
