import { CloudSilent, type CloudFault, type DiskCloud, type ImageCloud, type Sent } from '@strata/cloud';
import { Carrier, cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { ImageInput } from '../disk-inputs.js';

const notOffered: CloudFault = {
  code: 'no-image-maker',
  message: 'the cloud of the binding makes no images of disks, or shows none',
  requestId: null,
};

/** EVS reference §1.5, §6: the answer names the image, and its status tells how far it is. */
export class ImageDisk extends Carrier<DiskCloud> {
  override readonly kind = 'disk.image';

  override async send({ imageMaker }: DiskCloud, context: SendContext): Promise<Sent> {
    if (imageMaker === null) return { outcome: 'refused', reason: 'images-not-offered', fault: notOffered };
    const { cloudId: cloudDiskId, name, format, os, force } = ImageInput.parse(context.operation.input);
    return imageMaker.makeImage({ cloudDiskId, name, format, os, force }, context);
  }

  /** One of that name which is newer than the intent; of two, nobody can tell which. */
  override async lookUp(cloud: DiskCloud, { operation, since }: LookContext): Promise<Found> {
    const { name } = ImageInput.parse(operation.input);
    const [found, ...others] = await makerOf(cloud).findImagesNamed(name, since);
    return found === undefined || others.length > 0 ? { found: false } : { found: true, cloudId: found };
  }

  override async look(cloud: DiskCloud, { cloudId: imageId }: LookContext): Promise<Look> {
    const image = imageId === null ? null : await makerOf(cloud).findImage(imageId);
    switch (image?.status) {
      case 'active':
        return { look: 'done', outcome: { imageId } };
      case 'error':
        return { look: 'failed', error: cloudFailed(killed), left: {} };
      case 'pending':
        return { look: 'pending', state: 'running', cloudId: imageId };
      case 'unknown':
      case undefined:
        return { look: 'pending', state: 'waiting', cloudId: imageId };
    }
  }
}

const killed: CloudFault = { code: 'image-killed', message: 'the image came to nothing', requestId: null };

/** @throws CloudSilent where the cloud shows no images (any more): what was sent cannot be looked at. */
const makerOf = ({ imageMaker }: DiskCloud): ImageCloud => {
  if (imageMaker === null) throw new CloudSilent(notOffered, 'unavailable', null);
  return imageMaker;
};
