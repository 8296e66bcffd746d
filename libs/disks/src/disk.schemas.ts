import { isCloudsKey, isStratasKey, stratasPrefix } from '@strata/cloud';
import { alikeKeys, isPlainLine, isPlainProse, isUnseen, noControl, notBlank, tooAlike } from '@strata/kernel';
import { z } from 'zod';
import { LARGEST_DISK_GIB, MOST_TAGS } from './disk/index.js';

/**
 * What the cloud admits for a disk, checked before anything is accepted (EVS reference §1.4, §1.5, §1.8, §8.5).
 * Lengths of texts that the cloud counts in bytes are counted in bytes of UTF-8.
 */
const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

const atMostBytes = (most: number) => (text: string) => bytesOf(text) <= most;

const SeenName = z
  .string()
  .regex(/\S/u, notBlank)
  .refine((name) => !isUnseen(name), notBlank)
  .refine(isPlainLine, noControl);

/** 1 to 255 characters, none of them unseen; a surrogate pair is one. */
export const DiskName = SeenName.refine((name) => [...name].length <= 255, 'must be no longer than 255 characters');

/** For a disk that exists the cloud counts bytes. */
export const ChangedName = SeenName.refine(atMostBytes(255), 'must be no longer than 255 bytes');

/** Room for `-0001` in what the cloud takes. */
export const longestBatchNameBytes = 250;
export const fitsBatch = atMostBytes(longestBatchNameBytes);

export const Description = z
  .string()
  .refine(atMostBytes(255), 'must be no longer than 255 bytes')
  .refine(isPlainProse, noControl);

/** A system disk may be as small as its image; others have at least `SMALLEST_DISK_GIB`. */
export const SizeGiB = z
  .int('must be a whole number of GiB')
  .min(1, 'must be at least 1 GiB')
  .max(LARGEST_DISK_GIB, `must be at most ${LARGEST_DISK_GIB} GiB`);

/** Also the last part of a quota dimension (`disks:SSD`). */
export const DiskType = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 of A–Z a–z 0–9 _ . -');

export const ZoneName = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters');

/** Of the cloud's, which keeps them as dashed UUIDs (EVS reference §0.1). */
export const ServerId = z.uuid('must be the id of a server in the cloud, a UUID');

/** Of the cloud's, whose image service keeps them as dashed UUIDs, too. */
export const ImageId = z.uuid('must be the id of an image in the cloud, a UUID');

/** As the cloud takes it for an image made of a disk (EVS reference §1.5). */
export const ImageName = z
  .string()
  .regex(
    /^(?! )[A-Za-z0-9._ -]{1,128}(?<! )$/,
    'must be 1 to 128 of A–Z a–z 0–9 . _ - and blanks, these not at the ends',
  );

/** Of the cloud's key service (EVS reference §1.4). */
export const KeyId = z.uuid('must be the id of a key in the cloud, a UUID');

/** As Linux names it, `/dev/vdb`. */
export const Device = z.string().regex(/^\/dev\/[a-z]{1,16}$/, 'must be a device such as /dev/vdb');

const stratas = `keys beginning with ${stratasPrefix} are reserved`;

const TagKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,36}$/, 'a key must be 1 to 36 of A–Z a–z 0–9 _ -')
  .refine((key) => !isStratasKey(key), stratas);
const TagValue = z.string().regex(/^[A-Za-z0-9_-]{0,43}$/, 'must be at most 43 of A–Z a–z 0–9 _ -');

/** That none of those that are set may be taken for another: one would be written over the other. */
const apart = (
  labels: Readonly<Record<string, string | null>>,
  { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void => {
  const set = Object.keys(labels).filter((key) => labels[key] !== null);
  for (const { key, other } of alikeKeys(set)) addIssue({ code: 'custom', path: [key], message: tooAlike(other) });
};

export const Tags = z
  .record(TagKey, TagValue)
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS, `must have at most ${MOST_TAGS} entries`)
  .superRefine(apart);
/** Null removes. */
export const TagsPatch = z.record(TagKey, TagValue.nullable()).superRefine(apart);

const MetadataKey = z
  .string()
  .min(1, 'a key must not be empty')
  .refine(atMostBytes(255), 'a key must be no longer than 255 bytes')
  .refine((key) => !isStratasKey(key), stratas)
  .refine((key) => !isCloudsKey(key), 'the key has a meaning of its own in the cloud and is reserved');
const MetadataValue = z.string().refine(atMostBytes(255), 'must be no longer than 255 bytes');

export const Metadata = z.record(MetadataKey, MetadataValue).superRefine(apart);
/** Null removes. */
export const MetadataPatch = z.record(MetadataKey, MetadataValue.nullable()).superRefine(apart);
