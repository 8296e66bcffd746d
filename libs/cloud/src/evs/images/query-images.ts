import { z } from 'zod';
import { CloudSilent, type CloudImage, type CloudImages } from '../../disk-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { ownFault } from '../evs.faults.js';
import { OptionalText, readBody, Text } from '../../wire/texts.js';

/** An image as IMS writes it (EVS reference §6): members with two underscores are texts, also where they are numbers. */
const Image = z.object({
  id: z.string().min(1),
  name: OptionalText,
  status: Text,
  visibility: Text,
  min_disk: z.coerce.number().int().nonnegative().catch(0),
  virtual_env_type: OptionalText,
  __image_size: z.coerce.number().int().positive().nullish().catch(null),
  __os_version: OptionalText,
  __os_type: OptionalText,
  __system__cmkid: OptionalText,
  created_at: OptionalText,
});
type Image = z.infer<typeof Image>;
const Page = z.object({ images: z.array(Image) });

/** As many as the cloud gives unless it is told otherwise. */
export const imagePageSize = 500;
/** Ten thousand images: beyond that something is wrong with the paging. */
const mostPages = 20;

/** Every image that the cloud project may see, by marker. IMS ends a list with a short page (EVS reference §8.2). */
export const queryImages = async (client: EvsClient): Promise<CloudImages> => {
  const missing = client.missing('ims');
  if (missing !== null) return { offered: false, fault: missing };
  const images: CloudImage[] = [];
  const seen = new Set<string>();
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { limit: String(imagePageSize), ...(marker !== undefined && { marker }) };
    const call = { service: 'ims', method: 'GET', version: 'v2', path: '/cloudimages', query } as const;
    const found = readBody(Page, await client.readAnswer(call)).images;
    images.push(...found.map(imageOf));
    marker = found.at(-1)?.id;
    if (marker === undefined || found.length < imagePageSize) return { offered: true, images };
    if (seen.has(marker)) break;
    seen.add(marker);
  }
  throw new CloudSilent(ownFault('endless-list', 'the list of images does not come to an end'), 'unavailable', null);
};

/** One image, by the filter of the list: asked for by its own address, an unknown one is a 400 (EVS reference §6). */
export const queryImage = async (client: EvsClient, imageId: string): Promise<CloudImage | null> =>
  (await filtered(client, { id: imageId })).map(imageOf)[0] ?? null;

/** Ids of those of the project's own that have the name and were made since. */
export const queryImagesNamed = async (client: EvsClient, name: string, since: Date): Promise<readonly string[]> => {
  const images = await filtered(client, { name, visibility: 'private' });
  const isNew = ({ created_at }: Image) => Date.parse(created_at ?? '') >= since.getTime() - clockSkewMs;
  return images.filter(isNew).map(({ id }) => id);
};

/** The cloud tells whole seconds by its own clock. */
const clockSkewMs = 5_000;

const filtered = async (client: EvsClient, query: Readonly<Record<string, string>>): Promise<readonly Image[]> => {
  const call = { service: 'ims', method: 'GET', version: 'v2', path: '/cloudimages', query } as const;
  return readBody(Page, await client.readAnswer(call)).images;
};

const statuses = new Map<string, CloudImage['status']>([
  ['active', 'active'],
  ['queued', 'pending'],
  ['saving', 'pending'],
  ['killed', 'error'],
  ['deleted', 'error'],
]);

const purposes = new Map<string, CloudImage['purpose']>([
  ['FusionCompute', 'system-disk'],
  ['DataImage', 'data-disk'],
  ['Ironic', 'bare-metal'],
  ['IsoImage', 'installation'],
]);

const imageOf = (image: Image): CloudImage => ({
  id: image.id,
  name: image.name ?? '',
  minDiskGiB: image.min_disk,
  sizeBytes: image.__image_size ?? null,
  os: image.__os_version ?? image.__os_type ?? null,
  visibility: image.visibility === 'public' || image.visibility === 'shared' ? image.visibility : 'private',
  status: statuses.get(image.status) ?? 'unknown',
  purpose: purposes.get(image.virtual_env_type ?? '') ?? 'unknown',
  encrypted: Boolean(image.__system__cmkid),
});
