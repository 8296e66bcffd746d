import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { sentAsServerJob } from '../query-job.js';

/** Never by force (`delete_flag=0`): what the server still writes would be lost (EVS reference §1.6). */
export const detachDisk = async (
  client: EvsClient,
  { cloudId, serverId }: { readonly cloudId: string; readonly serverId: string },
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/cloudservers/${segment(serverId)}/detachvolume/${segment(cloudId)}`;
  const call = { service: 'ecs', method: 'DELETE', version: 'v1', path, query: { delete_flag: '0' } } as const;
  return sentAsServerJob(await client.write(call, client.window(options)), cloudId);
};
