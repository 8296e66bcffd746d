import type { CloudDiskChange, Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type CinderCall, type OpenstackClient } from '../openstack.client.js';
import { metadataFor } from '../openstack.marker.js';
import { refusedFor, reservedKeyIn } from './reserved-keys.js';

/**
 * The flags through actions, which are refused most easily, name and description through `PUT /volumes/{id}`, metadata and tags through `/volumes/{id}/metadata`, one after the other.
 * A `PUT` with metadata would replace all of it, the marker too. Once a part took effect, what later failed to is `unknown`,
 * never `not-now`.
 */
export const updateVolume = async (
  client: OpenstackClient,
  cloudId: string,
  change: CloudDiskChange,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedKeyIn(change.metadata);
  if (reserved !== undefined) return refusedFor(client, reserved);
  const window = client.window(options);
  let requestId: string | null = null;
  for (const [index, { call, absentIsDone }] of partsOf(cloudId, change).entries()) {
    const answer = await client.write(call, window);
    if ('kind' in answer) requestId = answer.requestId;
    else if (absentIsDone && answer.outcome === 'refused' && answer.reason === 'not-found') continue;
    else return index > 0 && answer.outcome === 'not-now' ? { outcome: 'unknown', fault: answer.fault } : answer;
  }
  return { outcome: 'accepted', jobId: null, cloudId, requestId };
};

interface Part {
  readonly call: CinderCall;
  /** The answer that there is no such thing means that the part is done. */
  readonly absentIsDone: boolean;
}

const partsOf = (
  cloudId: string,
  { name, description, metadata = {}, tags = {}, bootable, readOnly }: CloudDiskChange,
): readonly Part[] => {
  const volume = `/volumes/${segment(cloudId)}`;
  const parts: Part[] = [];
  const action = `${volume}/action`;
  if (bootable !== undefined) {
    const body = { 'os-set_bootable': { bootable } };
    parts.push({ call: { method: 'POST', path: action, body }, absentIsDone: false });
  }
  if (readOnly !== undefined) {
    const body = { 'os-update_readonly_flag': { readonly: readOnly } };
    parts.push({ call: { method: 'POST', path: action, body }, absentIsDone: false });
  }
  if (name !== undefined || description !== undefined) {
    const body = { volume: { name, description } };
    parts.push({ call: { method: 'PUT', path: volume, body }, absentIsDone: false });
  }
  const kept: [string, string][] = [];
  for (const [key, value] of Object.entries(metadataFor<string | null>(tags, metadata))) {
    if (value !== null) kept.push([key, value]);
    else {
      const path = `${volume}/metadata/${segment(key)}`;
      parts.push({ call: { method: 'DELETE', path }, absentIsDone: true });
    }
  }
  if (kept.length > 0) {
    const body = { metadata: Object.fromEntries(kept) };
    parts.push({ call: { method: 'POST', path: `${volume}/metadata`, body }, absentIsDone: false });
  }
  return parts;
};
