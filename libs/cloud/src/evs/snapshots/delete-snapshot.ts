import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';

/** N12. Disks that were made from the snapshot stay as they are. */
export const deleteSnapshot = async (client: EvsClient, cloudId: string, options: WriteOptions): Promise<Sent> => {
  const call = { method: 'DELETE', version: 'v2', path: `/cloudsnapshots/${segment(cloudId)}` } as const;
  const answer = await client.write(call, client.window(options));
  return 'kind' in answer ? { outcome: 'accepted', jobId: null, cloudId, requestId: answer.requestId } : answer;
};
