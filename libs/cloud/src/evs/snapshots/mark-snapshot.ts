import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { markerMetadataKey } from '../evs.marker.js';

/** C8: every other key stays as it is. */
export const markSnapshot = async (
  client: EvsClient,
  cloudId: string,
  marker: string,
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/snapshots/${segment(cloudId)}/metadata`;
  const body = { metadata: { [markerMetadataKey]: marker } };
  const answer = await client.write({ method: 'POST', version: 'v2', path, body }, client.window(options));
  return 'kind' in answer ? { outcome: 'accepted', jobId: null, cloudId, requestId: answer.requestId } : answer;
};
