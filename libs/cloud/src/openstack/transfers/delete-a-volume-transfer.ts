import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';

/** `DELETE /os-volume-transfer/{transfer_id}`. Only what nobody has accepted can be deleted. */
export const deleteVolumeTransfer = async (
  client: OpenstackClient,
  transferId: string,
  options: WriteOptions,
): Promise<Sent> => {
  const call = { method: 'DELETE', path: `/os-volume-transfer/${segment(transferId)}` } as const;
  const answer = await client.write(call, client.window(options));
  return 'kind' in answer ? { outcome: 'accepted', jobId: null, cloudId: null, requestId: answer.requestId } : answer;
};
