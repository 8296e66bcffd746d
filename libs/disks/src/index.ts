export * from './disk/index.js';
