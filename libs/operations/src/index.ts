export * from './kind.js';
export * from './operation/index.js';
