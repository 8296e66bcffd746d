import type { CloudDiskChange, Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackCall, type OpenstackClient } from '../openstack.client.js';
import { metadataFor } from '../openstack.marker.js';
import { metadataParts, writeParts, type Part } from '../write-parts.js';
import { refusedFor, reservedKeyIn } from '../reserved-keys.js';

/**
 * The flags through actions, which are refused most easily, name and description through `PUT /volumes/{id}`, metadata and tags
 * through `/volumes/{id}/metadata`. A `PUT` with metadata would replace all of it, the marker too.
 */
export const updateVolume = async (
  client: OpenstackClient,
  cloudId: string,
  change: CloudDiskChange,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedKeyIn(change.metadata);
  if (reserved !== undefined) return refusedFor(client, reserved);
  return writeParts(client, cloudId, partsOf(cloudId, change), options);
};

const partsOf = (
  cloudId: string,
  { name, description, metadata = {}, tags = {}, bootable, readOnly }: CloudDiskChange,
): readonly Part[] => {
  const path = `/volumes/${segment(cloudId)}`;
  const calls: OpenstackCall[] = [];
  if (bootable !== undefined) {
    calls.push({ method: 'POST', path: `${path}/action`, body: { 'os-set_bootable': { bootable } } });
  }
  if (readOnly !== undefined) {
    calls.push({ method: 'POST', path: `${path}/action`, body: { 'os-update_readonly_flag': { readonly: readOnly } } });
  }
  if (name !== undefined || description !== undefined) {
    calls.push({ method: 'PUT', path, body: { volume: { name, description } } });
  }
  const texts = metadataParts(metadataFor<string | null>(tags, metadata), {
    unset: (key) => ({ method: 'DELETE', path: `${path}/metadata/${segment(key)}` }),
    set: (metadata) => ({ method: 'POST', path: `${path}/metadata`, body: { metadata } }),
  });
  return [...calls.map((call) => ({ call })), ...texts];
};
