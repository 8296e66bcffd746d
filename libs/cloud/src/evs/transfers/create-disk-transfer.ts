import type { WriteOptions } from '../../disk-cloud.js';
import type { Offered } from '../../transfer-cloud.js';
import { offeredBy } from '../../wire/transfer-words.js';
import type { EvsClient } from '../evs.client.js';

/** C9. The only answer that tells the key. */
export const createDiskTransfer = async (
  client: EvsClient,
  cloudDiskId: string,
  name: string,
  options: WriteOptions,
): Promise<Offered> => {
  const body = { transfer: { volume_id: cloudDiskId, name } };
  const call = { method: 'POST', version: 'v2', path: '/os-volume-transfer', body } as const;
  const answer = await client.write(call, client.window(options));
  return 'kind' in answer ? offeredBy(answer) : answer;
};
