import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { sentAsServerJob } from '../query-job.js';

/**
 * Through the server's service: the disk's own `os-attach` changes states only (EVS reference §1.6). A disk that is
 * attached there already is a `state-conflict`.
 */
export const attachDisk = async (
  client: EvsClient,
  {
    cloudId,
    serverId,
    device,
  }: { readonly cloudId: string; readonly serverId: string; readonly device: string | null },
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/cloudservers/${segment(serverId)}/attachvolume`;
  const body = { volumeAttachment: { volumeId: cloudId, ...(device !== null && { device }) } };
  const call = { service: 'ecs', method: 'POST', version: 'v1', path, body } as const;
  return sentAsServerJob(await client.write(call, client.window(options)), cloudId);
};
