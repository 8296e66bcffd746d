import type { CloudDiskType, CloudImages, CloudZone } from '@strata/cloud';
import type { BindingId, JsonValue } from '@strata/kernel';

/** What one binding's cloud offers, of one kind, as it was last fetched. */
export interface CatalogueItems {
  readonly kind: string;
  readonly items: JsonValue;
  /** RFC 3339. */
  readonly fetchedAt: string;
}

/** Where what was fetched is kept. */
export abstract class Catalogue {
  /** Empty when nothing was fetched yet. */
  abstract latest(bindingId: BindingId): Promise<readonly CatalogueItems[]>;
}

/** The kinds under which workers keep what they fetch. */
export const catalogueKinds = {
  diskTypes: 'disk-types',
  zones: 'availability-zones',
  images: 'images',
  /** The figures of the last sweep. */
  sweep: 'sweep',
} as const;

export interface Aged<Item> {
  readonly items: readonly Item[];
  readonly fetchedAt: string;
}

/** A cloud without images says why. */
export interface AgedImages {
  readonly found: CloudImages;
  readonly fetchedAt: string;
}

/** A part that was never fetched is undefined: then nothing is known, and the cloud judges. */
export interface CloudOffer {
  readonly diskTypes: Aged<CloudDiskType> | undefined;
  readonly zones: Aged<CloudZone> | undefined;
  readonly images: AgedImages | undefined;
}
