import { z } from 'zod';
import type { NewCloudDisk, Sent, WriteOptions } from '../../disk-cloud.js';
import { ownFault } from '../../wire/outcome.js';
import type { OpenstackClient } from '../openstack.client.js';
import { markerKey, metadataFor } from '../openstack.marker.js';
import { refusedFor, reservedKeyIn } from '../reserved-keys.js';

const Created = z.object({ volume: z.object({ id: z.string().min(1) }) });

/** `POST /volumes`. It names the volume at once; whether it comes to be is told by its status. */
export const createVolume = async (
  client: OpenstackClient,
  disk: NewCloudDisk,
  options: WriteOptions,
): Promise<Sent> => {
  const reserved = reservedKeyIn(disk.metadata);
  if (reserved !== undefined) return refusedFor(client, reserved);
  if (disk.shareable || disk.encryption || disk.deviceType) return traitsOfTypes;
  const answer = await client.write(
    { method: 'POST', path: '/volumes', body: { volume: volumeFor(disk) } },
    client.window(options),
  );
  if (!('kind' in answer)) return answer;
  const created = Created.safeParse(answer.json);
  if (!created.success) {
    const fault = ownFault('no-volume', 'the creation was accepted without naming the volume', answer.requestId);
    return { outcome: 'unknown', fault };
  }
  return { outcome: 'accepted', jobId: null, cloudId: created.data.volume.id, requestId: answer.requestId };
};

const volumeFor = (disk: NewCloudDisk) => ({
  name: disk.name,
  description: disk.description,
  size: disk.sizeGiB,
  volume_type: disk.type,
  availability_zone: disk.availabilityZone,
  ...sourceOf(disk),
  metadata: { ...metadataFor(disk.tags, disk.metadata), [markerKey]: disk.marker },
});

const sourceOf = ({ source }: NewCloudDisk) => {
  if (source === undefined) return {};
  return 'imageId' in source ? { imageRef: source.imageId } : { snapshot_id: source.snapshotCloudId };
};

/** Without a word they would be left out, and the disk would not be what was asked for. */
const traitsOfTypes: Sent = {
  outcome: 'refused',
  reason: 'invalid',
  fault: ownFault('trait-of-type', 'on OpenStack the type of a disk decides on sharing, encryption and device type'),
};
