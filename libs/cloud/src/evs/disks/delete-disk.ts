import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { sentAsJob } from '../query-job.js';

/** N4. Takes the disk's snapshots with it (EVS reference §1.5). */
export const deleteDisk = async (client: EvsClient, cloudId: string, options: WriteOptions): Promise<Sent> => {
  const path = `/cloudvolumes/${segment(cloudId)}`;
  return sentAsJob(await client.write({ method: 'DELETE', version: 'v2', path }, client.window(options)), cloudId);
};
