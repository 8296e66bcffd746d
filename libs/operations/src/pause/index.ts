export * from './pause.events.js';
export * from './pause.js';
