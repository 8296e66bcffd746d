export * from './append.js';
export * from './event-store.js';
export * from './follower.js';
