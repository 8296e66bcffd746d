import { z } from 'zod';
import type { CloudDisk, CloudDiskStatus } from '../disk-cloud.js';
import { markerFromTag, markerMetadataKey, markerTagKey, mostTags } from './evs.marker.js';
import { parseTime } from './evs.times.js';
import { Flag, OptionalText, Text, Texts, isSet, storable, textsOf } from '../wire/texts.js';

const statuses = new Map<string, CloudDiskStatus>(
  Object.entries({
    creating: 'creating',
    downloading: 'creating',
    available: 'available',
    reserved: 'attaching',
    attaching: 'attaching',
    'in-use': 'in-use',
    detaching: 'detaching',
    extending: 'extending',
    retyping: 'retyping',
    'backing-up': 'backing-up',
    'restoring-backup': 'restoring',
    reverting: 'rolling-back',
    rollbacking: 'rolling-back',
    uploading: 'uploading',
    'awaiting-transfer': 'awaiting-transfer',
    deleting: 'deleting',
    error: 'error',
    error_extending: 'error-extending',
    error_deleting: 'error-deleting',
    error_restoring: 'error-restoring',
    error_rollbacking: 'error-rolling-back',
  } as const),
);

export const diskStatusOf = (word: string): CloudDiskStatus => statuses.get(word.toLowerCase()) ?? 'unknown';

/** A volume as the cloud writes it (EVS reference §1.3): only what makes it usable at all must be there. */
export const Volume = z.object({
  id: z.string().min(1),
  status: Text,
  size: z.coerce.number().int().nonnegative(),
  name: OptionalText,
  description: OptionalText,
  volume_type: OptionalText,
  availability_zone: OptionalText,
  bootable: Flag,
  multiattach: Flag,
  shareable: Flag,
  encrypted: Flag,
  metadata: Texts,
  tags: Texts,
  attachments: z
    .array(z.object({ server_id: OptionalText, device: OptionalText }))
    .nullish()
    .catch(null),
  created_at: z.string().nullish(),
});
export type Volume = z.infer<typeof Volume>;

/** Keys that the cloud itself writes into a volume's metadata (EVS reference §1.3), as it spells them: not the user's to see. */
const cloudOwnKeys: ReadonlySet<string> = new Set(['attached_mode', 'readonly', 'policy', 'full_clone']);
const isCloudOwnKey = (key: string): boolean => key.startsWith('__') || key.startsWith('hw:') || cloudOwnKeys.has(key);

/** Of metadata, where the marker stands as it is. */
export const markerIn = (metadata: Readonly<Record<string, unknown>> | null | undefined): string | null => {
  const marker = metadata?.[markerMetadataKey];
  return typeof marker === 'string' && marker !== '' ? storable(marker) : null;
};

export const markerOn = (volume: Volume): string | null =>
  markerIn(volume.metadata) ?? markerFromTag(textsOf(volume.tags)[markerTagKey]);

/** A list without tags, and a volume whose ten are the user's own, say nothing of the tag. */
const marksOn = (volume: Volume): CloudDisk['marks'] => {
  const inMetadata = markerIn(volume.metadata);
  if (inMetadata === null) return 'partial';
  const tags = textsOf(volume.tags);
  const inTag = markerFromTag(tags[markerTagKey]);
  if (inTag !== null) return inTag === inMetadata ? 'whole' : 'mixed';
  return volume.tags == null || Object.keys(tags).length >= mostTags ? 'whole' : 'partial';
};

export const usersOwn = (texts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([key]) => key !== markerMetadataKey && !isCloudOwnKey(key)));

export const diskOf = (volume: Volume): CloudDisk => {
  const { [markerTagKey]: _marker, ...tags } = textsOf(volume.tags);
  return {
    cloudId: volume.id,
    name: volume.name ?? '',
    description: volume.description ?? '',
    status: diskStatusOf(volume.status),
    cloudStatus: volume.status,
    sizeGiB: volume.size,
    type: volume.volume_type ?? '',
    availabilityZone: volume.availability_zone ?? '',
    bootable: isSet(volume.bootable),
    shareable: isSet(volume.multiattach) || isSet(volume.shareable),
    // The member `encrypted` is marked unsupported on lists; the metadata is right everywhere.
    encrypted: volume.metadata?.['__system__encrypted'] === '1' || isSet(volume.encrypted),
    ...(isSet(textsOf(volume.metadata)['readonly']) && { readOnly: true as const }),
    attachments: (volume.attachments ?? []).flatMap(({ server_id, device }) =>
      server_id == null ? [] : [{ serverId: server_id, device: device ?? null }],
    ),
    tags,
    metadata: usersOwn(textsOf(volume.metadata)),
    marker: markerOn(volume),
    marks: marksOn(volume),
    createdAt: parseTime(volume.created_at) ?? new Date(0).toISOString(),
  };
};
