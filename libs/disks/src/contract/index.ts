export * from './disk-project.js';
export * from './disk-server.js';
export { deleteDisk } from '../delete-disk/delete-disk.js';
