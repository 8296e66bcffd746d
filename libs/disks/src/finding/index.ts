export * from './finding.events.js';
export * from './finding.js';
export * from './finding.stream.js';
