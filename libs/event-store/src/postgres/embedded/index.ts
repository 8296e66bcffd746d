export { type EmbeddedPostgres, type LaunchOptions, OtherMajorVersion, freePort, launchPostgres } from './launch.js';
