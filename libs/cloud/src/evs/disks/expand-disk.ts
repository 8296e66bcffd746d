import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { sentAsJob } from '../query-job.js';

/** N5: unlike its Cinder twin it names a job. A disk that has the size already is a `state-conflict` (EVS.1015). */
export const expandDisk = async (
  client: EvsClient,
  cloudId: string,
  sizeGiB: number,
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/cloudvolumes/${segment(cloudId)}/action`;
  const body = { 'os-extend': { new_size: sizeGiB } };
  return sentAsJob(await client.write({ method: 'POST', version: 'v2', path, body }, client.window(options)), cloudId);
};
