import { z } from 'zod';
import type { Sent, WriteOptions } from '../../disk-cloud.js';
import type { NewCloudSnapshot } from '../../snapshot-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { ownFault } from '../evs.faults.js';
import { markerMetadataKey } from '../evs.marker.js';
import { reservedIn } from '../reserved-keys.js';

const Created = z.object({ snapshot: z.object({ id: z.string().min(1) }) });

/** N11. The answer names the snapshot; there is no job. */
export const createSnapshot = async (
  client: EvsClient,
  { marker, cloudDiskId, name, description, force, metadata }: NewCloudSnapshot,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedIn(client, { metadata });
  if (reserved) return reserved;
  const marked = { ...metadata, [markerMetadataKey]: marker };
  const body = { snapshot: { volume_id: cloudDiskId, name, description, force, metadata: marked } };
  const call = { method: 'POST', version: 'v2', path: '/cloudsnapshots', body } as const;
  const answer = await client.write(call, client.window(options));
  if (!('kind' in answer)) return answer;
  const created = Created.safeParse(answer.json);
  if (!created.success) {
    const fault = ownFault('no-snapshot', 'the creation was accepted without naming the snapshot', answer.requestId);
    return { outcome: 'unknown', fault };
  }
  return { outcome: 'accepted', jobId: null, cloudId: created.data.snapshot.id, requestId: answer.requestId };
};
