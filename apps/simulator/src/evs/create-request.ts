import type { Cloud } from '../cloud.js';
import {
  cinderMetadata,
  fitsBytes,
  isObject,
  optionalText,
  stringMap,
  tagMap,
  truncated,
  type Members,
} from '../http/read.js';
import type { Call } from '../http/call.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import type { DiskRequest } from '../world/disk-work.js';
import type { World } from '../world/world.js';
import { bornOf, checkSource, readSource, sizesOf, type DiskSource } from './disk-source.js';

export const MAX_BATCH = 100;
/** Longer names leave no room for the `-0001` of a batch. */
const MAX_BATCH_NAME_BYTES = 250;

/** The body of the native create (EVS reference §1.4, N1). */
export const nativeCreate = (cloud: Cloud, { body, projectId }: Call): DiskRequest | Refusal => {
  const { world } = cloud;
  const volume = isObject(body) ? body['volume'] : undefined;
  if (!isObject(volume)) return refuse('EVS.1008', 'a volume is missing');
  const tags = tagMap(volume['tags']);
  if (isRefusal(tags)) return tags;
  const metadata = stringMap(volume['metadata']);
  if (isRefusal(metadata)) return metadata;
  // Before the keys are looked at: with a source none is taken, right or wrong (EVS.1043).
  const source = readSource(world, projectId, volume, metadata);
  if (isRefusal(source)) return source;
  const wrongKey = checkSystemKeys(metadata);
  if (wrongKey) return wrongKey;
  return readCommon(cloud, volume, source, {
    zone: volume['availability_zone'],
    type: volume['volume_type'],
    tags,
    metadata: { 'hw:passthrough': 'false', ...metadata, ...source?.inherited },
  });
};

/** The body of the Cinder create (C1): type and zone may be left out, tags do not exist, nothing is truncated. */
export const cinderCreate = (cloud: Cloud, { body, projectId }: Call): DiskRequest | Refusal => {
  const { world } = cloud;
  const volume = isObject(body) ? body['volume'] : undefined;
  if (!isObject(volume)) return refuse('EVS.5400', 'a volume is missing');
  if (!Number.isInteger(volume['size'])) return refuse('EVS.1010', 'size must be an integer');
  const metadata = cinderMetadata(volume['metadata']);
  if (isRefusal(metadata)) return metadata;
  const source = readSource(world, projectId, volume, metadata);
  if (isRefusal(source)) return source;
  const disk = source && 'disk' in source ? source.disk : null;
  const zone = volume['availability_zone'] ?? disk?.zone ?? world.zones.keys().next().value;
  const type = volume['volume_type'] ?? disk?.volumeType ?? 'SAS';
  return readCommon(cloud, volume, source, { zone, type, tags: {}, metadata: { ...metadata, ...source?.inherited } });
};

interface Given {
  readonly zone: unknown;
  readonly type: unknown;
  readonly tags: DiskRequest['tags'];
  readonly metadata: DiskRequest['metadata'];
}

const readCommon = (
  { world, readings }: Cloud,
  volume: Members,
  source: DiskSource | null,
  { zone, type, tags, metadata }: Given,
): DiskRequest | Refusal => {
  const place = readPlace(world, zone, type);
  if (isRefusal(place)) return place;
  const { min, max } = sizesOf(source);
  const size = truncated(volume['size'], min, max, 'EVS.1010');
  if (isRefusal(size)) return size;
  const count = volume['count'] == null ? 1 : truncated(volume['count'], 1, MAX_BATCH, 'EVS.1021');
  if (isRefusal(count)) return count;
  const multiattach = volume['multiattach'] ?? false;
  if (typeof multiattach !== 'boolean') return refuse('EVS.1018', 'multiattach');
  const misfit = source && checkSource(source, { ...place, size, count, multiattach }, readings);
  if (misfit) return misfit;
  const label = readLabel(volume, count);
  if (isRefusal(label)) return label;
  return { ...place, ...label, ...bornOf(source), size, count, multiattach, tags, metadata };
};

/** Zone and type must exist, and the type must be sold in the zone. */
const readPlace = (world: World, zone: unknown, type: unknown): Pick<DiskRequest, 'zone' | 'volumeType'> | Refusal => {
  if (zone == null || zone === '' || type == null || type === '') return refuse('EVS.2083');
  if (typeof zone !== 'string' || typeof type !== 'string') return refuse('EVS.1018', 'availability_zone, volume_type');
  const available = world.zones.get(zone);
  if (available === undefined) return refuse('EVS.1036', zone);
  if (!available) return refuse('EVS.2053', zone);
  const volumeType = world.types.find(({ name, id }) => name === type || id === type);
  if (!volumeType) return refuse('EVS.2070', type);
  if (!volumeType.zones.includes(zone)) return refuse('EVS.2071', `${volumeType.name} in ${zone}`);
  if (volumeType.soldOutIn.includes(zone)) return refuse('EVS.2072', `${volumeType.name} in ${zone}`);
  return { zone, volumeType: volumeType.name };
};

const readLabel = (volume: Members, count: number): Pick<DiskRequest, 'name' | 'description'> | Refusal => {
  const name = optionalText(volume['name'], 255, 'EVS.1009');
  if (isRefusal(name)) return name;
  const description = optionalText(volume['description'], 255, 'EVS.1009');
  if (isRefusal(description)) return description;
  if (!fitsBytes(description, 255)) return refuse('EVS.1009', 'the description has more than 255 bytes');
  if (count > 1 && !fitsBytes(name, MAX_BATCH_NAME_BYTES))
    return refuse('EVS.1009', 'the name of a batch has more than 250 bytes');
  const { shareable } = volume;
  if (shareable != null && typeof shareable !== 'boolean' && typeof shareable !== 'string') return refuse('EVS.1054');
  return { name, description };
};

const checkSystemKeys = (metadata: Readonly<Record<string, string>>): Refusal | null => {
  const passthrough = metadata['hw:passthrough'];
  if (passthrough !== undefined && !['true', 'false'].includes(passthrough)) return refuse('EVS.1057');
  const clone = metadata['full_clone'];
  if (clone !== undefined && !['0', '1'].includes(clone)) return refuse('EVS.1063');
  const encrypted = metadata['__system__encrypted'];
  if (encrypted !== undefined && !['0', '1'].includes(encrypted)) return refuse('EVS.2041');
  if (encrypted === '1' && metadata['__system__cmkid']?.length !== 36) return refuse('EVS.2041', '__system__cmkid');
  return null;
};
