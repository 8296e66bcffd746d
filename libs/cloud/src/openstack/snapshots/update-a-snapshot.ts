import type { Sent, WriteOptions } from '../../disk-cloud.js';
import type { CloudSnapshotChange } from '../../snapshot-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { refusedFor, reservedKeyIn } from '../reserved-keys.js';
import { metadataParts, writeParts, type Part } from '../write-parts.js';

/** Name and description through `PUT /snapshots/{id}`, metadata through `/snapshots/{id}/metadata`. */
export const updateSnapshot = async (
  client: OpenstackClient,
  cloudId: string,
  { name, description, metadata = {} }: CloudSnapshotChange,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedKeyIn(metadata);
  if (reserved !== undefined) return refusedFor(client, reserved);
  const path = `/snapshots/${segment(cloudId)}`;
  const parts: Part[] = [];
  if (name !== undefined || description !== undefined) {
    parts.push({ call: { method: 'PUT', path, body: { snapshot: { name, description } } } });
  }
  const texts = metadataParts(metadata, {
    unset: (key) => ({ method: 'DELETE', path: `${path}/metadata/${segment(key)}` }),
    set: (metadata) => ({ method: 'POST', path: `${path}/metadata`, body: { metadata } }),
  });
  return writeParts(client, cloudId, [...parts, ...texts], options);
};
