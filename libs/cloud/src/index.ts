export * from './disk-cloud.js';
export * from './image-cloud.js';
export { isCloudsKey, isStratasKey, reservedKeys, stratasPrefix } from './reserved-keys.js';
export * from './snapshot-cloud.js';
export * from './transfer-cloud.js';
export type { EndpointWatch, Exchange } from './wire/http-exchange.js';
