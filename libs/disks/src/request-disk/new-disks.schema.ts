import { SnapshotId } from '@strata/kernel';
import { z } from 'zod';
import {
  Description,
  DiskName,
  DiskType,
  fitsBatch,
  ImageId,
  KeyId,
  longestBatchNameBytes,
  Metadata,
  SizeGiB,
  Tags,
  ZoneName,
} from '../disk.schemas.js';
import { SMALLEST_DISK_GIB, type DiskSource, type DiskSpec } from '../disk/index.js';

/** At most one source (EVS reference §1.4: EVS.1016). */
const Source = z
  .strictObject({ snapshotId: SnapshotId.exactOptional(), imageId: ImageId.exactOptional() })
  .refine((source) => Object.keys(source).length === 1, 'must name either a snapshotId or an imageId');

/** Checked also while other members have faults, so that all are named at once. */
const always = { when: () => true };

/** Whatever was sent, member by member. */
const given = (body: unknown, name: string): unknown => (body as Readonly<Record<string, unknown>> | null)?.[name];

const inheritsFrom = (name: string) => (body: unknown) =>
  given(body, 'source') === undefined || given(body, name) === undefined;

const isLargeEnough = (body: unknown): boolean => {
  const sizeGiB = given(body, 'sizeGiB');
  const isOfImage = given(given(body, 'source'), 'imageId') !== undefined;
  return isOfImage || !(typeof sizeGiB === 'number' && sizeGiB >= 1 && sizeGiB < SMALLEST_DISK_GIB);
};

/** The body of `POST …/disks`. */
export const NewDisks = z
  .strictObject({
    name: DiskName,
    /** At least 10 unless the disk is made of an image. */
    sizeGiB: SizeGiB,
    type: DiskType,
    availabilityZone: ZoneName,
    description: Description.default(''),
    count: z.int().min(1).max(100).default(1),
    tags: Tags.default({}),
    metadata: Metadata.default({}),
    /** Absent: the disk begins empty. */
    source: Source.exactOptional(),
    /** By up to 16 servers at a time. */
    shareable: z.boolean().default(false),
    /** Absent: none, or as the source is. */
    encryption: z.strictObject({ keyId: KeyId }).exactOptional(),
    /** Absent: `vbd`, or as the source is. */
    deviceType: z.enum(['vbd', 'scsi']).exactOptional(),
  })
  .refine(({ name, count }) => count === 1 || fitsBatch(name), {
    path: ['name'],
    error: `must be no longer than ${longestBatchNameBytes} bytes where \`count\` is more than 1`,
  })
  .refine(isLargeEnough, {
    ...always,
    path: ['sizeGiB'],
    error: `must be at least ${SMALLEST_DISK_GIB} GiB unless the disk is made of an image`,
  })
  .refine(inheritsFrom('encryption'), {
    ...always,
    path: ['encryption'],
    error: 'must be left out: the disk is encrypted as its source is',
  })
  .refine(inheritsFrom('deviceType'), {
    ...always,
    path: ['deviceType'],
    error: 'must be left out: the device type follows the source',
  });
export type NewDisks = z.infer<typeof NewDisks>;

export const specOf = ({ shareable, deviceType, source, ...plain }: Omit<NewDisks, 'count'>): DiskSpec => ({
  ...plain,
  ...sourceOf(source),
  ...(shareable && { shareable }),
  ...(deviceType === 'scsi' && { deviceType }),
});

const sourceOf = (named: NewDisks['source']): { readonly source?: DiskSource } => {
  if (named?.snapshotId !== undefined) return { source: { snapshotId: named.snapshotId } };
  return named?.imageId === undefined ? {} : { source: { imageId: named.imageId } };
};
