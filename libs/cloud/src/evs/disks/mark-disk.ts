import type { CloudDisk, Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { markerMetadataKey, markerTagKey, markerToTag, mostTags } from '../evs.marker.js';

/**
 * Into the metadata through C6, then, where one of the ten tags is free, as a tag through N17. The metadata alone suffices: a
 * tag that the cloud refuses, as somebody else took the last place, is left out.
 */
export const markDisk = async (
  client: EvsClient,
  { cloudId, tags }: CloudDisk,
  marker: string,
  options: WriteOptions,
): Promise<Sent> => {
  const window = client.window(options);
  const metadata = await client.write(
    {
      version: 'v2',
      method: 'POST',
      path: `/volumes/${segment(cloudId)}/metadata`,
      body: { metadata: { [markerMetadataKey]: marker } },
    },
    window,
  );
  if (!('kind' in metadata)) return metadata;
  const accepted = { outcome: 'accepted', jobId: null, cloudId, requestId: metadata.requestId } as const;
  if (Object.keys(tags).length >= mostTags) return accepted;
  const tag = await client.write(
    {
      version: 'v2',
      method: 'POST',
      path: `/os-vendor-volumes/${segment(cloudId)}/tags/action`,
      body: { action: 'create', tags: [{ key: markerTagKey, value: markerToTag(marker) }] },
    },
    window,
  );
  if ('kind' in tag || tag.outcome === 'refused') return accepted;
  return { outcome: 'unknown', fault: tag.fault };
};
