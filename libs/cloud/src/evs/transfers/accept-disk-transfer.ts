import type { Sent, WriteOptions } from '../../disk-cloud.js';
import type { TransferKey } from '../../transfer-cloud.js';
import { acceptedDiskOf, withoutKey } from '../../wire/transfer-words.js';
import { segment, type EvsClient } from '../evs.client.js';

/** C9, asked of the project that receives. */
export const acceptDiskTransfer = async (
  client: EvsClient,
  transferId: string,
  key: TransferKey,
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/os-volume-transfer/${segment(transferId)}/accept`;
  const call = { method: 'POST', version: 'v2', path, body: { accept: { auth_key: key.reveal() } } } as const;
  const answer = await client.write(call, client.window(options));
  if (!('kind' in answer)) return withoutKey(answer, key);
  return { outcome: 'accepted', jobId: null, cloudId: acceptedDiskOf(answer), requestId: answer.requestId };
};
