export * from './append.js';
export * from './event-store.js';
export * from './follower.js';
export * from './event-types.js';
export * from './golden-events.js';
export * from './view-store.js';
export { InvalidAppend } from './content.js';
export * from './quota-ledger.js';
export * from './token-store.js';
