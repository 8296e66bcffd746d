import type { Sent, WriteOptions } from '../../disk-cloud.js';
import type { CloudSnapshotChange } from '../../snapshot-cloud.js';
import { segment, type EvsCall, type EvsClient } from '../evs.client.js';
import { reservedIn } from '../reserved-keys.js';

/**
 * Name and description through N13, metadata through C8, one after the other. Once a part took effect, what later failed to
 * is `unknown`, never `not-now`.
 */
export const updateSnapshot = async (
  client: EvsClient,
  cloudId: string,
  change: CloudSnapshotChange,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedIn(client, { metadata: change.metadata });
  if (reserved) return reserved;
  const window = client.window(options);
  let requestId: string | null = null;
  for (const [index, call] of callsFor(cloudId, change).entries()) {
    const answer = await client.write(call, window);
    if ('kind' in answer) requestId = answer.requestId;
    // A key that is gone already is what was wanted.
    else if (call.method === 'DELETE' && answer.outcome === 'refused' && answer.reason === 'not-found') continue;
    else return index > 0 && answer.outcome === 'not-now' ? { outcome: 'unknown', fault: answer.fault } : answer;
  }
  return { outcome: 'accepted', jobId: null, cloudId, requestId };
};

const callsFor = (cloudId: string, { name, description, metadata = {} }: CloudSnapshotChange): readonly EvsCall[] => {
  const metadataPath = `/snapshots/${segment(cloudId)}/metadata`;
  const gone = Object.keys(metadata).filter((key) => metadata[key] === null);
  const set = Object.entries(metadata).filter(([, value]) => value !== null);
  const calls: EvsCall[] = [];
  if (name !== undefined || description !== undefined) {
    const body = { snapshot: { name, description } };
    calls.push({ method: 'PUT', version: 'v2', path: `/cloudsnapshots/${segment(cloudId)}`, body });
  }
  for (const key of gone) calls.push({ method: 'DELETE', version: 'v2', path: `${metadataPath}/${segment(key)}` });
  if (set.length > 0) {
    calls.push({ method: 'POST', version: 'v2', path: metadataPath, body: { metadata: Object.fromEntries(set) } });
  }
  return calls;
};
