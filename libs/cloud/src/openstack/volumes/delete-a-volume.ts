import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';

/** `DELETE /volumes/{id}`, without `cascade`: a volume that has snapshots is a `state-conflict`. */
export const deleteVolume = async (client: OpenstackClient, cloudId: string, options: WriteOptions): Promise<Sent> => {
  const answer = await client.write({ method: 'DELETE', path: `/volumes/${segment(cloudId)}` }, client.window(options));
  return 'kind' in answer ? { outcome: 'accepted', jobId: null, cloudId, requestId: answer.requestId } : answer;
};
