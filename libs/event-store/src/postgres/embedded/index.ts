export {
  isAlive,
  type EmbeddedPostgres,
  type LaunchOptions,
  OtherMajorVersion,
  freePort,
  launchPostgres,
} from './launch.js';
export { embeddedSettings } from './settings.js';
