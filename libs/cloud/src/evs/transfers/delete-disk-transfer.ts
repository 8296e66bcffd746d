import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';

/** C9. Only what nobody has accepted can be deleted. */
export const deleteDiskTransfer = async (
  client: EvsClient,
  transferId: string,
  options: WriteOptions,
): Promise<Sent> => {
  const call = { method: 'DELETE', version: 'v2', path: `/os-volume-transfer/${segment(transferId)}` } as const;
  const answer = await client.write(call, client.window(options));
  return 'kind' in answer ? { outcome: 'accepted', jobId: null, cloudId: null, requestId: answer.requestId } : answer;
};
