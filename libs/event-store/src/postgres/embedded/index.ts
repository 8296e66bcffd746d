export { freePort } from './free-port.js';
export { isAlive, type EmbeddedPostgres, type LaunchOptions, OtherMajorVersion, launchPostgres } from './launch.js';
export { embeddedSettings } from './settings.js';
