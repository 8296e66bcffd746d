import type { CloudImage } from '@strata/cloud';
import { LARGEST_DISK_GIB, LARGEST_SYSTEM_DISK_GIB, SMALLEST_DISK_GIB, type DiskSpec } from '../disk/index.js';
import type { CloudOffer } from './cloud-catalogue.js';

interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

export type ImageRefusal =
  | { readonly type: 'image-unknown'; readonly errors: readonly Fault[] }
  | { readonly type: 'image-not-ready'; readonly imageStatus: string }
  | {
      readonly type: 'image-does-not-fit';
      readonly purpose: CloudImage['purpose'];
      readonly leastGiB: number;
      readonly mostGiB: number;
      readonly errors: readonly Fault[];
    };

type Wanted = Pick<DiskSpec, 'sizeGiB' | 'shareable' | 'source'>;

/**
 * Where the cloud would refuse a disk made of an image (EVS reference §1.4, §6). Public, private and shared images are alike:
 * whatever the cloud project may see is listed. What is not known is admitted.
 */
export const imageRefusal = ({ images }: CloudOffer, wanted: Wanted): ImageRefusal | undefined => {
  const { source } = wanted;
  if (source === undefined || !('imageId' in source) || images?.found.offered !== true) return undefined;
  const image = images.found.images.find(({ id }) => id === source.imageId);
  if (!image) {
    const errors = [{ pointer: '/source/imageId', detail: 'is no image that the cloud project may see' }];
    return { type: 'image-unknown', errors };
  }
  if (image.status !== 'active' && image.status !== 'unknown')
    return { type: 'image-not-ready', imageStatus: image.status };
  return misfit(image, wanted);
};

const misfit = (image: CloudImage, { sizeGiB, shareable }: Wanted): ImageRefusal | undefined => {
  const { purpose } = image;
  const { leastGiB, mostGiB } = boundsOf(image);
  const errors = [
    ...(purpose === 'bare-metal' || purpose === 'installation'
      ? [{ pointer: '/source/imageId', detail: `must be an image for disks, and is one for ${uses[purpose]}` }]
      : []),
    ...(sizeGiB < leastGiB
      ? [{ pointer: '/sizeGiB', detail: `must be at least ${leastGiB} for a disk of this image` }]
      : []),
    ...(sizeGiB > mostGiB
      ? [{ pointer: '/sizeGiB', detail: `must be at most ${mostGiB} for a disk of this image` }]
      : []),
    ...(shareable && purpose === 'system-disk'
      ? [{ pointer: '/shareable', detail: 'must be false, as a disk of this image is a system disk' }]
      : []),
  ];
  return errors.length === 0 ? undefined : { type: 'image-does-not-fit', purpose, leastGiB, mostGiB, errors };
};

const uses = { 'bare-metal': 'bare-metal servers', installation: 'installations' } as const;

/** Of which kind the disk will be is known for system and data disks only. */
const boundsOf = ({ purpose, minDiskGiB }: CloudImage) => ({
  leastGiB: purpose === 'data-disk' ? Math.max(minDiskGiB, SMALLEST_DISK_GIB) : Math.max(minDiskGiB, 1),
  mostGiB: purpose === 'system-disk' ? LARGEST_SYSTEM_DISK_GIB : LARGEST_DISK_GIB,
});
