import type { CloudImage, Sent, WriteOptions } from './disk-cloud.js';

export const imageFormats = ['vhd', 'zvhd', 'zvhd2', 'raw', 'qcow2'] as const;
export const imageSystems = ['linux', 'windows'] as const;

/** An image that is to be made of a disk. Clouds take no marker with it. */
export interface NewCloudImage {
  readonly cloudDiskId: string;
  readonly name: string;
  readonly format: (typeof imageFormats)[number];
  /** Counts where the disk does not say itself which it has. */
  readonly os: (typeof imageSystems)[number];
  /** Also while the disk is attached; its servers must be stopped. */
  readonly force: boolean;
}

/** What we need of a cloud to make images; outcomes and silence are as with `DiskCloud`. There are no jobs. */
export abstract class ImageCloud {
  /** `cloudId` of what is accepted is the image's. */
  abstract makeImage(image: NewCloudImage, options: WriteOptions): Promise<Sent>;
  /** null: the cloud does not show it. */
  abstract findImage(imageId: string): Promise<CloudImage | null>;
  /** Ids of the project's own images of this name that were made since. */
  abstract findImagesNamed(name: string, since: Date): Promise<readonly string[]>;
}
