export * from './bindings/binding-offers.js';
export * from './bindings/cloud-kinds.js';
export * from './projects.module.js';
export * from './reading/lists.js';
