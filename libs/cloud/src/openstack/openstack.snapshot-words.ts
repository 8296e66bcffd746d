import { z } from 'zod';
import { parseTime } from '../evs/evs.times.js';
import type { CloudSnapshot, CloudSnapshotStatus } from '../snapshot-cloud.js';
import { markerIn, usersOwn } from './openstack.words.js';
import { OptionalText, Text, Texts, textsOf } from '../wire/texts.js';

/** Upstream's words for a snapshot's state. */
const statuses = new Map<string, CloudSnapshotStatus>(
  Object.entries({
    creating: 'creating',
    available: 'available',
    restoring: 'rolling-back',
    'backing-up': 'backing-up',
    deleting: 'deleting',
    deleted: 'deleting',
    unmanaging: 'deleting',
    error: 'error',
    error_deleting: 'error-deleting',
  } as const),
);

/** A snapshot as Cinder writes it: only what makes it usable at all must be there. */
export const Snapshot = z.object({
  id: z.string().min(1),
  volume_id: z.string().min(1),
  status: Text,
  size: z.number().int().nonnegative(),
  name: OptionalText,
  description: OptionalText,
  metadata: Texts,
  created_at: z.string().nullish(),
  /** The project that it is in: an admin of the cloud is shown those of every project. */
  'os-extended-snapshot-attributes:project_id': OptionalText,
});
export type Snapshot = z.infer<typeof Snapshot>;

export const snapshotOf = (snapshot: Snapshot): CloudSnapshot => {
  const texts = textsOf(snapshot.metadata);
  return {
    cloudId: snapshot.id,
    cloudDiskId: snapshot.volume_id,
    name: snapshot.name ?? '',
    description: snapshot.description ?? '',
    status: statuses.get(snapshot.status.toLowerCase()) ?? 'unknown',
    cloudStatus: snapshot.status,
    sizeGiB: snapshot.size,
    metadata: usersOwn(texts),
    marker: markerIn(texts),
    createdAt: parseTime(snapshot.created_at) ?? new Date(0).toISOString(),
  };
};
