import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { markerKey } from '../openstack.marker.js';

/** `POST /volumes/{id}/metadata` leaves every other key as it is. */
export const markVolume = async (
  client: OpenstackClient,
  cloudId: string,
  marker: string,
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/volumes/${segment(cloudId)}/metadata`;
  const body = { metadata: { [markerKey]: marker } };
  const answer = await client.write({ method: 'POST', path, body }, client.window(options));
  if (!('kind' in answer)) return answer;
  return { outcome: 'accepted', jobId: null, cloudId, requestId: answer.requestId };
};
