import type { Sent } from '../disk-cloud.js';
import { reservedKeys } from '../reserved-keys.js';
import { ownFault } from '../wire/outcome.js';
import type { OpenstackClient } from './openstack.client.js';

export const reservedKeyIn = (metadata: Readonly<Record<string, unknown>> = {}): string | undefined =>
  Object.keys(metadata).find(reservedKeys.metadata);

export const refusedFor = (client: OpenstackClient, key: string): Sent => ({
  outcome: 'refused',
  reason: 'invalid',
  fault: ownFault('reserved-key', `the key ${client.clean(key)} is not the user's to change`),
});
