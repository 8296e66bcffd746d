export * from './snapshot.commands.js';
export * from './snapshot.events.js';
export * from './snapshot.js';
export * from './snapshot.names.js';
export * from './snapshot.status.js';
export * from './snapshot.decide.js';
