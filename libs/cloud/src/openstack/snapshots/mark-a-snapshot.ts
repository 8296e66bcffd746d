import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { markerKey } from '../openstack.marker.js';
import { writeParts } from '../write-parts.js';

/** `POST /snapshots/{id}/metadata` leaves every other key as it is. */
export const markSnapshot = (
  client: OpenstackClient,
  cloudId: string,
  marker: string,
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/snapshots/${segment(cloudId)}/metadata`;
  const body = { metadata: { [markerKey]: marker } };
  return writeParts(client, cloudId, [{ call: { method: 'POST', path, body } }], options);
};
