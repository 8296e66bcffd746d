export { eventStoreContract, type OpenedStore } from './event-store-contract.js';
export * from './sample-appends.js';
