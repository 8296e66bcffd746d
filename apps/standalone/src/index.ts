export * from './standalone.js';
export type { Credentials } from './seed-folder.js';
