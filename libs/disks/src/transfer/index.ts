export * from './transfer.events.js';
export * from './transfer.js';
export * from './transfer.stream.js';
