import { z } from 'zod';
import { CloudSilent, type CloudImage, type CloudImages } from '../../disk-cloud.js';
import { ownFault } from '../../wire/outcome.js';
import { silentFor } from '../../wire/service-client.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { OptionalText, readBody, Text } from '../../wire/texts.js';

/** An image as Glance writes it: only what makes it usable at all must be there. */
const Image = z.object({
  id: z.string().min(1),
  status: Text,
  name: OptionalText,
  visibility: OptionalText,
  min_disk: z.number().int().nonnegative().nullish().catch(null),
  /** In bytes, as stored; and once it is unpacked. */
  size: z.number().int().nonnegative().nullish().catch(null),
  virtual_size: z.number().int().nonnegative().nullish().catch(null),
  disk_format: OptionalText,
  os_distro: OptionalText,
  os_version: OptionalText,
  os_type: OptionalText,
  /** Cinder writes it where it made the image of an encrypted volume. */
  cinder_encryption_key_id: OptionalText,
  created_at: OptionalText,
});
type Image = z.infer<typeof Image>;
const Page = z.object({ images: z.array(Image), next: OptionalText });

/** As many as Glance gives at most unless it is set up otherwise. */
const pageSize = 1000;
/** A hundred thousand images: beyond that something is wrong with the paging. */
const mostPages = 100;

/** `GET /images`, by marker to the end: every image that the project may see. */
export const listImages = async (client: OpenstackClient): Promise<CloudImages> => {
  const missing = await client.missing('glance');
  if (missing !== null) return { offered: false, fault: missing };
  return { offered: true, images: (await filtered(client, {})).map(imageOf) };
};

/** `GET /images/{id}`. null only when the service itself says that there is no such image. */
export const showImage = async (client: OpenstackClient, imageId: string): Promise<CloudImage | null> => {
  const answer = await client.read({ service: 'glance', method: 'GET', path: `/images/${segment(imageId)}` });
  if (answer.kind === 'answered') return imageOf(readBody(Image, answer));
  if (answer.reason === 'not-found') return null;
  throw silentFor(answer);
};

/** Ids of those of the project's own that have the name and were made since. */
export const listImagesNamed = async (
  client: OpenstackClient,
  name: string,
  since: Date,
): Promise<readonly string[]> => {
  const images = await filtered(client, { ...nameFilter(name), owner: client.projectId });
  const isMeant = (image: Image) =>
    image.name === name && Date.parse(image.created_at ?? '') >= since.getTime() - clockSkewMs;
  return images.filter(isMeant).map(({ id }) => id);
};

/** The cloud tells whole seconds by its own clock. */
const clockSkewMs = 5_000;

/** Of a name with a colon Glance would read what stands before it as an operator: then only the list itself tells. */
const nameFilter = (name: string) => (name.includes(':') ? {} : { name });

const filtered = async (
  client: OpenstackClient,
  filters: Readonly<Record<string, string>>,
): Promise<readonly Image[]> => {
  const found: Image[] = [];
  const seen = new Set<string>();
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { ...filters, limit: String(pageSize), ...(marker !== undefined && { marker }) };
    const call = { service: 'glance', method: 'GET', path: '/images', query } as const;
    const { images, next } = readBody(Page, await client.readAnswer(call));
    found.push(...images);
    marker = images.at(-1)?.id;
    if (next === null || next === undefined || marker === undefined) return found;
    if (seen.has(marker)) break;
    seen.add(marker);
  }
  throw new CloudSilent(ownFault('endless-list', 'the list of images does not come to an end'), 'unavailable', null);
};

const statuses = new Map<string, CloudImage['status']>(
  Object.entries({
    active: 'active',
    queued: 'pending',
    saving: 'pending',
    uploading: 'pending',
    importing: 'pending',
    killed: 'error',
    deleted: 'error',
    pending_delete: 'error',
  } as const),
);

/** Who may see it, in our words: to a project the `community` is the public. */
const visibilityOf = ({ visibility }: Image): CloudImage['visibility'] => {
  if (visibility === 'public' || visibility === 'community') return 'public';
  return visibility === 'shared' ? 'shared' : 'private';
};

const GiB = 1024 ** 3;

const imageOf = (image: Image): CloudImage => ({
  id: image.id,
  name: image.name ?? '',
  minDiskGiB: Math.max(image.min_disk ?? 0, Math.ceil((image.virtual_size ?? 0) / GiB)),
  sizeBytes: image.size || null,
  os: [image.os_distro, image.os_version].filter(Boolean).join(' ') || (image.os_type ?? null),
  visibility: visibilityOf(image),
  status: statuses.get(image.status) ?? 'unknown',
  purpose: image.disk_format === 'iso' ? 'installation' : 'system-disk',
  encrypted: Boolean(image.cinder_encryption_key_id),
});
