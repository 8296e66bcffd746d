import { z } from 'zod';
import type { NewCloudDisk, Sent, WriteOptions } from '../../disk-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { ownFault } from '../evs.faults.js';
import { markerMetadataKey, markerTagKey, markerToTag, mostTags } from '../evs.marker.js';

const Created = z.object({ job_id: z.string().min(1) });

/** N1, one disk a call: the batch form would give one marker to many (EVS reference §1.4). */
export const createDisk = async (client: EvsClient, disk: NewCloudDisk, options: WriteOptions): Promise<Sent> => {
  const answer = await client.write(
    { method: 'POST', version: 'v2', path: '/cloudvolumes', body: { volume: volumeFor(disk) } },
    client.window(options),
  );
  if (!('kind' in answer)) return answer;
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
  ...(disk.source && { snapshot_id: disk.source.snapshotCloudId }),
  count: 1,
  ...(disk.shareable && { multiattach: true }),
  metadata: { ...disk.metadata, ...systemKeysOf(disk), [markerMetadataKey]: disk.marker },
  tags:
    Object.keys(disk.tags).length < mostTags
      ? { ...disk.tags, [markerTagKey]: markerToTag(disk.marker) }
      : { ...disk.tags },
});

/** The cloud takes these by keys of its own (EVS reference §1.4). */
const systemKeysOf = ({ encryption, deviceType }: NewCloudDisk) => ({
  ...(encryption && { __system__encrypted: '1', __system__cmkid: encryption.keyId }),
  ...(deviceType === 'scsi' && { 'hw:passthrough': 'true' }),
});
