import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import { Cursors, ok, pageOf, problem, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ProjectId } from '@strata/kernel';
import { sightOf } from '@strata/projects';
import { z } from 'zod';
import type { Aged, CloudOffer } from './cloud-catalogue.js';
import { CloudOffers } from './cloud-offers.js';
import { offerPage, offerQuery } from './offer-page.js';

/** Seconds since the cloud was asked. */
const age = z.int().min(0);

const Zone = z.strictObject({ name: z.string(), available: z.boolean(), age });
const Type = z.strictObject({
  name: z.string(),
  /** Null when the cloud does not say. */
  availabilityZones: z.array(z.string()).nullable(),
  soldOutZones: z.array(z.string()),
  age,
});

const Image = z.strictObject({
  id: z.string(),
  name: z.string(),
  minDiskGiB: z.int(),
  /** Of the image itself; null when the cloud does not say. */
  sizeBytes: z.int().nullable(),
  os: z.string().nullable(),
  visibility: z.enum(['public', 'private', 'shared']),
  status: z.enum(['active', 'pending', 'error', 'unknown']),
  purpose: z.enum(['system-disk', 'data-disk', 'bare-metal', 'installation', 'unknown']),
  encrypted: z.boolean(),
  age,
});
/** Why a cloud has no images for us; null where it has, or was not asked yet. */
const NotOffered = z.strictObject({ code: z.string(), detail: z.string() }).nullable();

const declared = {
  method: 'GET',
  tag: 'disks',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  query: offerQuery,
  description: 'As last fetched from the cloud of the project; empty while nothing was fetched, or without a cloud.',
} as const;
const listZones = route({
  ...declared,
  path: '/v1/projects/:projectId/availability-zones',
  operationId: 'listAvailabilityZones',
  summary: 'The availability zones where disks can be',
  answers: { 200: pageOf(Zone) },
});

const listTypes = route({
  ...declared,
  path: '/v1/projects/:projectId/disk-types',
  operationId: 'listDiskTypes',
  summary: 'The types that disks can have',
  answers: { 200: pageOf(Type) },
});

const listImages = route({
  ...declared,
  path: '/v1/projects/:projectId/images',
  operationId: 'listImages',
  summary: 'The images of the cloud project',
  answers: { 200: pageOf(Image).extend({ notOffered: NotOffered }) },
});

type OfferInput = InputOf<typeof listZones | typeof listTypes | typeof listImages>;

@Controller()
export class CloudCatalogueController {
  constructor(
    private readonly store: EventStore,
    private readonly offers: CloudOffers,
    private readonly cursors: Cursors,
  ) {}

  @Route(listZones)
  async zones(@Input() input: InputOf<typeof listZones>): Promise<Answer> {
    const offer = await this.offerTo(input);
    return ok(this.page(input, offer?.zones, ({ name }) => name));
  }

  @Route(listTypes)
  async types(@Input() input: InputOf<typeof listTypes>): Promise<Answer> {
    const offer = await this.offerTo(input);
    return ok(this.page(input, offer?.diskTypes, ({ name }) => name));
  }

  @Route(listImages)
  async images(@Input() input: InputOf<typeof listImages>): Promise<Answer> {
    const offer = await this.offerTo(input);
    const { found, fetchedAt = '' } = offer?.images ?? {};
    const aged = found?.offered ? { items: found.images, fetchedAt } : undefined;
    const notOffered = found?.offered === false ? { code: found.fault.code, detail: found.fault.message } : null;
    return ok({ ...this.page(input, aged, ({ id }) => id), notOffered });
  }

  private async offerTo({ caller, params: { projectId } }: OfferInput): Promise<CloudOffer | undefined> {
    const { project } = await this.store.load({ sight: sightOf(caller), projectId });
    if (!project) throw problem('not-found');
    return project.bindingId === null ? undefined : this.offers.of(project.bindingId);
  }

  private page<Item extends object>(input: OfferInput, aged: Aged<Item> | undefined, keyOf: (item: Item) => string) {
    const { shown, nextCursor } = offerPage(this.cursors, input, aged?.items ?? [], keyOf);
    return { items: aged ? withAge(shown, aged.fetchedAt) : [], nextCursor };
  }
}

const withAge = (items: readonly object[], fetchedAt: string): readonly object[] => {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(fetchedAt)) / 1_000));
  return items.map((item) => ({ ...item, age: seconds }));
};
