import { z } from 'zod';
import type { Sent, WriteOptions } from '../../disk-cloud.js';
import type { NewCloudSnapshot } from '../../snapshot-cloud.js';
import { ownFault } from '../../wire/outcome.js';
import type { OpenstackClient } from '../openstack.client.js';
import { markerKey } from '../openstack.marker.js';
import { refusedFor, reservedKeyIn } from '../reserved-keys.js';

const Created = z.object({ snapshot: z.object({ id: z.string().min(1) }) });

/** `POST /snapshots`. It names the snapshot at once; whether it comes to be is told by its status. */
export const createSnapshot = async (
  client: OpenstackClient,
  { marker, cloudDiskId, name, description, force, metadata }: NewCloudSnapshot,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedKeyIn(metadata);
  if (reserved !== undefined) return refusedFor(client, reserved);
  const marked = { ...metadata, [markerKey]: marker };
  const body = { snapshot: { volume_id: cloudDiskId, name, description, force, metadata: marked } };
  const answer = await client.write({ method: 'POST', path: '/snapshots', body }, client.window(options));
  if (!('kind' in answer)) return answer;
  const created = Created.safeParse(answer.json);
  if (!created.success) {
    const fault = ownFault('no-snapshot', 'the creation was accepted without naming the snapshot', answer.requestId);
    return { outcome: 'unknown', fault };
  }
  return { outcome: 'accepted', jobId: null, cloudId: created.data.snapshot.id, requestId: answer.requestId };
};
