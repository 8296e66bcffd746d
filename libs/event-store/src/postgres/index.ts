export { assertRole, UnsafeRole } from './assert-role.js';
export { bootstrap, type BootstrapOptions, databaseUrls, type DatabaseUrls, urlOf } from './bootstrap.js';
export { migrate, type MigrateOptions, migrationList, prismaFolder } from './migrate.js';
