export * from './operation-reader.js';
export * from './operations.module.js';
export * from './request-operation/operation-answers.js';
