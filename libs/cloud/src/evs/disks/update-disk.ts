import type { CloudDiskChange, Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsCall, type EvsClient } from '../evs.client.js';
import { reservedIn } from '../reserved-keys.js';

/**
 * The flags through C4, which are refused most easily, name and description through C3, metadata through C6, tags through N17, one after the other. Removals come before
 * additions, as ten tags are the most. Once a part took effect, what later failed to is `unknown`, never `not-now`.
 */
export const updateDisk = async (
  client: EvsClient,
  cloudId: string,
  change: CloudDiskChange,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedIn(client, change);
  if (reserved) return reserved;
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
  readonly call: EvsCall;
  /** The answer that there is no such thing means that the part is done. */
  readonly absentIsDone: boolean;
}

const partsOf = (cloudId: string, change: CloudDiskChange): Part[] => {
  const { name, description, metadata = {}, tags = {}, bootable, readOnly } = change;
  const volume = `/volumes/${segment(cloudId)}`;
  const tagsPath = `/os-vendor-volumes/${segment(cloudId)}/tags/action`;
  const part = (call: Omit<EvsCall, 'version'>, absentIsDone = false): Part => ({
    call: { version: 'v2', ...call },
    absentIsDone,
  });
  const [metadataSet, metadataGone] = split(metadata);
  const [tagsSet, tagsGone] = split(tags);
  const parts: Part[] = [];
  const action = `${volume}/action`;
  if (bootable !== undefined)
    parts.push(part({ method: 'POST', path: action, body: { 'os-set_bootable': { bootable } } }));
  if (readOnly !== undefined) {
    const body = { 'os-update_readonly_flag': { readonly: readOnly } };
    parts.push(part({ method: 'POST', path: action, body }));
  }
  if (name !== undefined || description !== undefined) {
    parts.push(part({ method: 'PUT', path: volume, body: { volume: { name, description } } }));
  }
  for (const key of metadataGone) {
    parts.push(part({ method: 'DELETE', path: `${volume}/metadata/${segment(key)}` }, true));
  }
  if (metadataSet.length > 0) {
    const body = { metadata: Object.fromEntries(metadataSet) };
    parts.push(part({ method: 'POST', path: `${volume}/metadata`, body }));
  }
  if (tagsGone.length > 0) {
    const body = { action: 'delete', tags: tagsGone.map((key) => ({ key })) };
    parts.push(part({ method: 'POST', path: tagsPath, body }));
  }
  if (tagsSet.length > 0) {
    const body = { action: 'create', tags: tagsSet.map(([key, value]) => ({ key, value })) };
    parts.push(part({ method: 'POST', path: tagsPath, body }));
  }
  return parts;
};

const split = (map: Readonly<Record<string, string | null>>): [set: [string, string][], gone: string[]] => {
  const set: [string, string][] = [];
  const gone: string[] = [];
  for (const [key, value] of Object.entries(map)) {
    if (value === null) gone.push(key);
    else set.push([key, value]);
  }
  return [set, gone];
};
