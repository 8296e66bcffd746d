import { z } from 'zod';
import type { NewCloudDisk, Sent, WriteOptions } from '../../disk-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { ownFault } from '../evs.faults.js';
import { markerMetadataKey, markerTagKey, markerToTag, mostTags } from '../evs.marker.js';
import { reservedIn } from '../reserved-keys.js';

const Created = z.object({ job_id: z.string().min(1) });

/** N1, one disk a call: the batch form would give one marker to many (EVS reference §1.4). */
export const createDisk = async (client: EvsClient, disk: NewCloudDisk, options: WriteOptions): Promise<Sent> => {
  const reserved = reservedIn(client, disk);
  if (reserved) return reserved;
  const answer = await client.write(
    { method: 'POST', version: 'v2', path: '/cloudvolumes', body: { volume: volumeFor(disk) } },
    client.window(options),
  );
  if (!('kind' in answer)) return withImage(disk, answer);
  const created = Created.safeParse(answer.json);
  if (!created.success) {
    const fault = ownFault('no-job', 'the creation was accepted without naming its job', answer.requestId);
    return { outcome: 'unknown', fault };
  }
  return { outcome: 'accepted', jobId: created.data.job_id, cloudId: null, requestId: answer.requestId };
};

const volumeFor = (disk: NewCloudDisk) => ({
  name: disk.name,
  description: disk.description,
  availability_zone: disk.availabilityZone,
  volume_type: disk.type,
  size: disk.sizeGiB,
  ...sourceOf(disk),
  count: 1,
  ...(disk.shareable && { multiattach: true }),
  metadata: { ...disk.metadata, ...systemKeysOf(disk), [markerMetadataKey]: disk.marker },
  tags:
    Object.keys(disk.tags).length < mostTags
      ? { ...disk.tags, [markerTagKey]: markerToTag(disk.marker) }
      : { ...disk.tags },
});

const sourceOf = ({ source }: NewCloudDisk) => {
  if (source === undefined) return {};
  return 'imageId' in source ? { imageRef: source.imageId } : { snapshot_id: source.snapshotCloudId };
};

/** What the cloud says when a role or a policy denies an action (EVS reference §4.2). */
const denials: ReadonlySet<string> = new Set(['EVS.1027', 'EVS.2056', 'EVS.5403']);

/** From an image it takes a right of its own (EVS reference §1.2.2: `ims:images:get`). */
const withImage = ({ source }: NewCloudDisk, sent: Sent): Sent =>
  sent.outcome === 'refused' && denials.has(sent.fault.code) && source !== undefined && 'imageId' in source
    ? { ...sent, reason: 'image-forbidden' }
    : sent;

/** The cloud takes these by keys of its own (EVS reference §1.4). */
const systemKeysOf = ({ encryption, deviceType }: NewCloudDisk) => ({
  ...(encryption && { __system__encrypted: '1', __system__cmkid: encryption.keyId }),
  ...(deviceType === 'scsi' && { 'hw:passthrough': 'true' }),
});
