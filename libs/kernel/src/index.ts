export * from './alike-keys.js';
export * from './charge.js';
export * from './decision.js';
export * from './event.js';
export * from './fact.js';
export * from './ids.js';
export * from './json.js';
export * from './plain-text.js';
