export * from './disk-list/disks-in-project.js';
export * from './disks.module.js';
export * from './cloud-catalogue/retry-admission.js';
