import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { writeParts } from '../write-parts.js';

/** `DELETE /snapshots/{id}`. Volumes that were made from it stay as they are. */
export const deleteSnapshot = (client: OpenstackClient, cloudId: string, options: WriteOptions): Promise<Sent> =>
  writeParts(client, cloudId, [{ call: { method: 'DELETE', path: `/snapshots/${segment(cloudId)}` } }], options);
