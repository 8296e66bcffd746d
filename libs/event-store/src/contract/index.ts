export { eventStoreContract } from './event-store-contract.js';
export type { OpenedStore } from './opened-store.js';
export * from './sample-appends.js';
