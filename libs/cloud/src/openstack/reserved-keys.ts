import type { Sent } from '../disk-cloud.js';
import { ownFault } from '../wire/outcome.js';
import type { OpenstackClient } from './openstack.client.js';
import { isReservedKey } from './openstack.words.js';

export const reservedKeyIn = (metadata: Readonly<Record<string, unknown>> = {}): string | undefined =>
  Object.keys(metadata).find(isReservedKey);

export const refusedFor = (client: OpenstackClient, key: string): Sent => ({
  outcome: 'refused',
  reason: 'invalid',
  fault: ownFault('reserved-key', `the key ${client.clean(key)} is not the user's to change`),
});
