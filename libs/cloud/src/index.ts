export * from './disk-cloud.js';
export * from './image-cloud.js';
export * from './snapshot-cloud.js';
