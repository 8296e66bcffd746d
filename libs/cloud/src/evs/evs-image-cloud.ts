import type { CloudImage, Sent, WriteOptions } from '../disk-cloud.js';
import { ImageCloud, type NewCloudImage } from '../image-cloud.js';
import type { EvsClient } from './evs.client.js';
import { exportImage } from './images/export-image.js';
import { queryImage, queryImagesNamed } from './images/query-images.js';

/** Images made of EVS disks and shown by IMS, on the token and connections of the disks. */
export class EvsImageCloud extends ImageCloud {
  readonly #client: EvsClient;

  constructor(client: EvsClient) {
    super();
    this.#client = client;
  }

  makeImage(image: NewCloudImage, options: WriteOptions): Promise<Sent> {
    return exportImage(this.#client, image, options);
  }

  findImage(imageId: string): Promise<CloudImage | null> {
    return queryImage(this.#client, imageId);
  }

  findImagesNamed(name: string, since: Date): Promise<readonly string[]> {
    return queryImagesNamed(this.#client, name, since);
  }
}
