import { z } from 'zod';
import type { CloudDisk, CloudDiskStatus } from '../disk-cloud.js';
import { parseTime } from '../evs/evs.times.js';
import { markerKey, ownPrefix, tagOfKey } from './openstack.marker.js';
import { Flag, OptionalText, Text, Texts, isSet, textsOf } from '../wire/texts.js';

/** Upstream's words for a volume's state. `maintenance` and whatever a later release adds are `unknown` to us. */
const statuses = new Map<string, CloudDiskStatus>(
  Object.entries({
    creating: 'creating',
    downloading: 'creating',
    managing: 'creating',
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
    uploading: 'uploading',
    'awaiting-transfer': 'awaiting-transfer',
    deleting: 'deleting',
    unmanaging: 'deleting',
    error: 'error',
    error_managing: 'error',
    'error_backing-up': 'error',
    error_extending: 'error-extending',
    error_deleting: 'error-deleting',
    error_unmanaging: 'error-deleting',
    error_restoring: 'error-restoring',
    error_reverting: 'error-rolling-back',
  } as const),
);

export const diskStatusOf = (word: string): CloudDiskStatus => statuses.get(word.toLowerCase()) ?? 'unknown';

/** A volume as Cinder writes it: only what makes it usable at all must be there. */
export const Volume = z.object({
  id: z.string().min(1),
  status: Text,
  size: z.number().int().nonnegative(),
  name: OptionalText,
  description: OptionalText,
  volume_type: OptionalText,
  availability_zone: OptionalText,
  /** A word, unlike the other flags. */
  bootable: Flag,
  multiattach: Flag,
  encrypted: Flag,
  metadata: Texts,
  attachments: z
    .array(z.object({ server_id: OptionalText, device: OptionalText }))
    .nullish()
    .catch(null),
  created_at: z.string().nullish(),
  /** The project that it is in: an admin of the cloud is shown those of every project. */
  'os-vol-tenant-attr:tenant_id': OptionalText,
});
export type Volume = z.infer<typeof Volume>;

/** Keys that Cinder itself or Strata writes into a volume's metadata, as they spell them: not the user's to see. */
const cloudOwnKeys: ReadonlySet<string> = new Set(['attached_mode', 'readonly']);
export const isHiddenKey = (key: string): boolean =>
  key.startsWith(ownPrefix) || key.startsWith('__') || cloudOwnKeys.has(key);

export const markerIn = ({ [markerKey]: marker = '' }: Readonly<Record<string, string>>): string | null =>
  marker === '' ? null : marker;

/** Without what the cloud and Strata keep there. */
export const usersOwn = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(texts).filter(([key]) => !isHiddenKey(key)));

export const diskOf = (volume: Volume): CloudDisk => {
  const texts = textsOf(volume.metadata);
  const marker = markerIn(texts);
  const tags = Object.entries(texts).flatMap(([key, value]) => {
    const tag = tagOfKey(key);
    return tag === null ? [] : [[tag, value] as const];
  });
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
    shareable: isSet(volume.multiattach),
    encrypted: isSet(volume.encrypted),
    ...(isSet(texts['readonly']) && { readOnly: true as const }),
    attachments: (volume.attachments ?? []).flatMap(({ server_id, device }) =>
      server_id == null ? [] : [{ serverId: server_id, device: device ?? null }],
    ),
    tags: Object.fromEntries(tags),
    metadata: usersOwn(texts),
    marker,
    marks: marker === null ? 'partial' : 'whole',
    createdAt: parseTime(volume.created_at) ?? new Date(0).toISOString(),
  };
};
