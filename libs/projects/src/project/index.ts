export * from './project.events.js';
export * from './project.js';
export * from './role.js';
