import { z } from 'zod';
import type { CloudSnapshot, CloudSnapshotStatus } from '../snapshot-cloud.js';
import { parseTime } from './evs.times.js';
import { markerIn, usersOwn } from './evs.words.js';
import { OptionalText, Text, Texts, textsOf } from '../wire/texts.js';

/** EVS reference §2.2, and what Cinder calls the same. */
const statuses = new Map<string, CloudSnapshotStatus>(
  Object.entries({
    creating: 'creating',
    available: 'available',
    rollbacking: 'rolling-back',
    restoring: 'rolling-back',
    'backing-up': 'backing-up',
    deleting: 'deleting',
    error: 'error',
    error_deleting: 'error-deleting',
  } as const),
);

/** A snapshot as the cloud writes it (EVS reference §1.3): only what makes it usable at all must be there. */
export const Snapshot = z.object({
  id: z.string().min(1),
  volume_id: z.string().min(1),
  status: Text,
  size: z.coerce.number().int().nonnegative(),
  name: OptionalText,
  description: OptionalText,
  metadata: Texts,
  created_at: z.string().nullish(),
});
export type Snapshot = z.infer<typeof Snapshot>;

export const snapshotOf = (snapshot: Snapshot): CloudSnapshot => ({
  cloudId: snapshot.id,
  cloudDiskId: snapshot.volume_id,
  name: snapshot.name ?? '',
  description: snapshot.description ?? '',
  status: statuses.get(snapshot.status.toLowerCase()) ?? 'unknown',
  cloudStatus: snapshot.status,
  sizeGiB: snapshot.size,
  metadata: usersOwn(textsOf(snapshot.metadata)),
  marker: markerIn(snapshot.metadata),
  createdAt: parseTime(snapshot.created_at) ?? new Date(0).toISOString(),
});
