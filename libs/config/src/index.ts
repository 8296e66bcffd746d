export * from './apps.js';
export { ConfigurationFaults, type ConfigurationFault, type Environment } from './read-variables.js';
export { credentialsPrefix } from './catalogue.js';
export { environmentName, secretSource, type SecretSource } from './secret-source.js';
