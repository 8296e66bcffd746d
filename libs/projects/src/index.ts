export * from './binding/index.js';
export * from './catalogues.js';
export * from './execute/execute-fact.js';
export * from './execute/execute.js';
export * from './execute/grants.js';
export * from './execute/outlook.js';
export * from './execute/plan.js';
export * from './project/index.js';
