export * from './quota/quota.js';
