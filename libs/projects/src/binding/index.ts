export * from './binding.events.js';
export * from './binding.js';
