export * from './disk.commands.js';
export * from './disk.events.js';
export * from './disk.js';
export * from './disk.metadata.js';
export * from './disk.evolve.js';
export * from './disk.status.js';
export * from './disk.decide.js';
