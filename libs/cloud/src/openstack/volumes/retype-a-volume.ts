import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';

/** `os-retype`, moving the volume to another back end where the type asks for it. Followed by its status: Cinder has no jobs. */
export const retypeVolume = async (
  client: OpenstackClient,
  cloudId: string,
  type: string,
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/volumes/${segment(cloudId)}/action`;
  const body = { 'os-retype': { new_type: type, migration_policy: 'on-demand' } };
  const answer = await client.write({ method: 'POST', path, body }, client.window(options));
  return 'kind' in answer ? { outcome: 'accepted', jobId: null, cloudId, requestId: answer.requestId } : answer;
};
