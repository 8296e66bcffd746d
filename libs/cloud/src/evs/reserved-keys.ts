import type { CloudDiskChange, Sent } from '../disk-cloud.js';
import { reservedKeys } from '../reserved-keys.js';
import type { EvsClient } from './evs.client.js';
import { ownFault } from './evs.faults.js';

/** The refusal of a write that names a key which is not the user's. */
export const reservedIn = (
  client: EvsClient,
  { tags = {}, metadata = {} }: Pick<CloudDiskChange, 'tags' | 'metadata'>,
): Sent | undefined => {
  const key = Object.keys(metadata).find(reservedKeys.metadata) ?? Object.keys(tags).find(reservedKeys.tags);
  if (key === undefined) return undefined;
  const fault = ownFault('reserved-key', `the key ${client.clean(key)} is not the user's to change`);
  return { outcome: 'refused', reason: 'invalid', fault };
};
