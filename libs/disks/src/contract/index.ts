export * from './disk-project.js';
export * from './disk-server.js';
