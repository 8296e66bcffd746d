import { z } from 'zod';
import { allowedActions, cloudStatusOf, SnapshotAction, SnapshotStatus, statusOf } from './snapshot/index.js';
import type { SnapshotRecord } from './snapshot.record.js';

const Time = z.iso.datetime({ precision: 3 });

export const SnapshotResource = z
  .strictObject({
    id: z.uuid(),
    projectId: z.uuid(),
    /** The disk that it was taken of. */
    diskId: z.uuid(),
    name: z.string(),
    description: z.string(),
    /** Of its disk when it was taken. */
    sizeGiB: z.int(),
    status: SnapshotStatus,
    /** Why it is in `error`; null otherwise. */
    statusReason: z.string().nullable(),
    /** What may be asked of it now, as far as itself and its binding are concerned: its disk may stand against a rollback. */
    allowedActions: z.array(SnapshotAction),
    metadata: z.record(z.string(), z.string()),
    /** Null while nothing of it is in the cloud. */
    cloud: z.strictObject({ id: z.string(), status: z.string() }).nullable(),
    createdAt: Time,
    updatedAt: Time,
    version: z.int(),
  })
  .meta({ id: 'Snapshot' });
export type SnapshotResource = z.infer<typeof SnapshotResource>;

/** A snapshot as its readers see it. `withheld`: what its binding does not offer. */
export const showSnapshot = (
  { snapshot, createdAt, updatedAt, version }: SnapshotRecord,
  withheld: readonly SnapshotAction[] = [],
): SnapshotResource => {
  const { snapshotId: id, projectId, diskId, name, description, extent, metadata, fault } = snapshot;
  // `deleted` is the one status that no record has.
  const status = SnapshotStatus.parse(statusOf(snapshot));
  return {
    id,
    projectId,
    diskId,
    name,
    description,
    sizeGiB: extent.sizeGiB,
    status,
    statusReason: status === 'error' ? (fault?.title ?? null) : null,
    allowedActions: allowedActions(snapshot).filter((action) => !withheld.includes(action)),
    metadata,
    cloud: snapshot.life === 'in-cloud' ? { id: snapshot.cloudId, status: cloudStatusOf(snapshot) } : null,
    createdAt,
    updatedAt,
    version,
  };
};
