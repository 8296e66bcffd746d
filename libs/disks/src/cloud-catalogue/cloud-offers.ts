import { Injectable } from '@nestjs/common';
import type { CloudDiskType, CloudImages, CloudZone } from '@strata/cloud';
import type { BindingId } from '@strata/kernel';
import { z } from 'zod';
import { Catalogue, catalogueKinds, type Aged, type CloudOffer } from './cloud-catalogue.js';

const DiskTypes: z.ZodType<readonly CloudDiskType[]> = z.array(
  z.object({
    name: z.string(),
    availabilityZones: z.array(z.string()).nullable(),
    soldOutZones: z.array(z.string()),
  }),
);
const Zones: z.ZodType<readonly CloudZone[]> = z.array(z.object({ name: z.string(), available: z.boolean() }));

const Images: z.ZodType<CloudImages> = z.discriminatedUnion('offered', [
  z.object({
    offered: z.literal(true),
    images: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        minDiskGiB: z.int(),
        sizeBytes: z.int().nullable(),
        os: z.string().nullable(),
        visibility: z.enum(['public', 'private', 'shared']),
        status: z.enum(['active', 'pending', 'error', 'unknown']),
        purpose: z.enum(['system-disk', 'data-disk', 'bare-metal', 'installation', 'unknown']),
        encrypted: z.boolean(),
      }),
    ),
  }),
  z.object({
    offered: z.literal(false),
    fault: z.object({ code: z.string(), message: z.string(), requestId: z.string().nullable() }),
  }),
]);

const believedForMs = 5_000;
const mostKnown = 1_000;

/** What clouds offer, believed for some seconds, so that admission does not cost a query for each request. */
@Injectable()
export class CloudOffers {
  readonly #known = new Map<BindingId, { readonly offer: Promise<CloudOffer>; readonly readAt: number }>();

  constructor(private readonly catalogue: Catalogue) {}

  of(bindingId: BindingId): Promise<CloudOffer> {
    const known = this.#known.get(bindingId);
    if (known && performance.now() - known.readAt < believedForMs) return known.offer;
    const offer = this.#read(bindingId);
    this.#known.delete(bindingId);
    this.#known.set(bindingId, { offer, readAt: performance.now() });
    // What could not be read is asked for again.
    offer.catch(() => this.#known.delete(bindingId));
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
    return offer;
  }

  async #read(bindingId: BindingId): Promise<CloudOffer> {
    const kept = await this.catalogue.latest(bindingId);
    const aged = <Item>(kind: string, schema: z.ZodType<readonly Item[]>): Aged<Item> | undefined => {
      const found = kept.find((each) => each.kind === kind);
      return found && { items: schema.parse(found.items), fetchedAt: found.fetchedAt };
    };
    const images = kept.find(({ kind }) => kind === catalogueKinds.images);
    return {
      diskTypes: aged(catalogueKinds.diskTypes, DiskTypes),
      zones: aged(catalogueKinds.zones, Zones),
      images: images && { found: Images.parse(images.items), fetchedAt: images.fetchedAt },
    };
  }
}
