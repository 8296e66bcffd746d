import { z } from 'zod';
import { allowedActionsAt, DiskAction, DiskSource, DiskStatus, keptUntil, statusOf } from './disk/index.js';
import type { DiskRecord } from './disk.record.js';

const Time = z.iso.datetime({ precision: 3 });
const Labels = z.record(z.string(), z.string());

export const DiskResource = z
  .strictObject({
    id: z.uuid(),
    projectId: z.uuid(),
    name: z.string(),
    description: z.string(),
    sizeGiB: z.int(),
    type: z.string(),
    availabilityZone: z.string(),
    status: DiskStatus,
    /** Why it is in `error`; null otherwise. */
    statusReason: z.string().nullable(),
    /** What may be asked of it now. */
    allowedActions: z.array(DiskAction),
    bootable: z.boolean(),
    shareable: z.boolean(),
    encrypted: z.boolean(),
    readOnly: z.boolean(),
    attachments: z.array(z.strictObject({ serverId: z.string(), device: z.string().nullable() })),
    tags: Labels,
    metadata: Labels,
    /** What it was made of; an image by the cloud's id. Null: it began empty. */
    source: DiskSource.nullable(),
    /** Null while nothing of it is in the cloud. */
    cloud: z.strictObject({ id: z.string(), status: z.string() }).nullable(),
    /** While it is there the disk is not deleted; null otherwise. */
    deletionLock: z.strictObject({ reason: z.string().nullable(), since: Time }).nullable(),
    /** While its deletion waits: when it is removed, and until when it can be had back; null otherwise. */
    deletesAt: Time.nullable(),
    createdAt: Time,
    updatedAt: Time,
    version: z.int(),
  })
  .meta({ id: 'Disk' });
export type DiskResource = z.infer<typeof DiskResource>;

/** A disk as its readers see it at a time (http-api.md, "A disk"). `withheld`: what its binding does not offer. */
export const showDisk = (
  { disk, createdAt, updatedAt, version }: DiskRecord,
  nowMs: number,
  withheld: readonly DiskAction[] = [],
): DiskResource => {
  const { diskId: id, projectId, name, description, sizeGiB, type, availabilityZone, tags, metadata } = disk;
  const traits = disk.life === 'in-cloud' ? disk.traits : asAskedFor(disk);
  // `deleted` is the one status that no record has.
  const status = DiskStatus.parse(statusOf(disk));
  return {
    id,
    projectId,
    name,
    description,
    sizeGiB,
    type,
    availabilityZone,
    status,
    statusReason: status === 'error' ? (disk.fault?.title ?? null) : null,
    allowedActions: allowedActionsAt(disk, nowMs).filter((action) => !withheld.includes(action)),
    bootable: traits.bootable,
    shareable: traits.shareable,
    encrypted: traits.encrypted,
    readOnly: traits.readOnly ?? false,
    attachments: traits.attachments.map(({ serverId, device }) => ({ serverId, device })),
    tags: inOrder(tags),
    metadata: inOrder(metadata),
    source: disk.source ?? null,
    cloud: disk.life === 'in-cloud' ? { id: disk.cloudId, status: disk.cloudStatus } : null,
    deletionLock: disk.deletionLock ? { reason: disk.deletionLock.reason, since: disk.deletionLock.since } : null,
    deletesAt: keptUntil(disk, nowMs),
    createdAt,
    updatedAt,
    version,
  };
};

/** Of the past: as it was shown when it last changed. */
export const showDiskThen = (record: DiskRecord): DiskResource => showDisk(record, Date.parse(record.updatedAt));

/** The same text whichever way the record came: PostgreSQL gives the members of `jsonb` back in an order of its own. */
const inOrder = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const asAskedFor = ({ shareable, encryption }: DiskRecord['disk']) => ({
  bootable: false,
  shareable: shareable ?? false,
  encrypted: encryption !== undefined,
  readOnly: false,
  attachments: [],
});
