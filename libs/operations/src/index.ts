export * from './carry-out/index.js';
export * from './catalogue.js';
export * from './dispatch/index.js';
export * from './kind.js';
export * from './operation/index.js';
