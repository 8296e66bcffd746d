import type { CloudImage, Sent, WriteOptions } from '../disk-cloud.js';
import { ImageCloud, type NewCloudImage } from '../image-cloud.js';
import { listImagesNamed, showImage } from './images/list-images.js';
import { uploadToImage } from './images/upload-volume-to-image.js';
import type { OpenstackClient } from './openstack.client.js';

/** Images made of volumes and shown by Glance, on the token and connections of the volumes. */
export class OpenstackImageCloud extends ImageCloud {
  readonly #client: OpenstackClient;

  constructor(client: OpenstackClient) {
    super();
    this.#client = client;
  }

  /** Nothing is made where Glance cannot be found: nobody could look how far it is. */
  async makeImage(image: NewCloudImage, options: WriteOptions): Promise<Sent> {
    const fault = await this.#client.missing('glance');
    return fault === null
      ? uploadToImage(this.#client, image, options)
      : { outcome: 'refused', reason: 'images-not-offered', fault };
  }

  findImage(imageId: string): Promise<CloudImage | null> {
    return showImage(this.#client, imageId);
  }

  findImagesNamed(name: string, since: Date): Promise<readonly string[]> {
    return listImagesNamed(this.#client, name, since);
  }
}
