export * from './catalogue.js';
export * from './disk-carriers.js';
export * from './disk-inputs.js';
export * from './disk-kinds.js';
export * from './disk-sighting.js';
export * from './disk/disk.stream.js';
export * from './disk/index.js';
export * from './sweep-disks/sweep-disks.js';
