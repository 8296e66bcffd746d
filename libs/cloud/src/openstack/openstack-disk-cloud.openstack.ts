import { beforeAll } from 'vitest';
import { diskCloudContract, type CloudOnTrial } from '../contract/index.js';
import type { NewCloudDisk, OpenstackAccess, Sent, WriteOptions } from '../disk-cloud.js';
import { accessOfEnvironment } from '../contract/openstack-environment.js';
import { OpenstackDiskCloud } from './openstack-disk-cloud.js';

/** Remembers what it was asked to make, so that a test that fails leaves nothing behind. */
class TidyCloud extends OpenstackDiskCloud {
  readonly #markers = new Set<string>();

  override createDisk(disk: NewCloudDisk, options: WriteOptions): Promise<Sent> {
    this.#markers.add(disk.marker);
    return super.createDisk(disk, options);
  }

  async tidy(): Promise<void> {
    for await (const page of this.listDisks()) {
      for (const { cloudId, marker } of page) {
        if (marker !== null && this.#markers.has(marker)) {
          await this.deleteDisk(cloudId, { timeoutMs: 30_000, mayStillSend: () => true });
        }
      }
    }
  }
}

let access: OpenstackAccess;
let place: CloudOnTrial['place'];

beforeAll(async () => {
  access = await accessOfEnvironment();
  const cloud = new OpenstackDiskCloud(access);
  const type = (await cloud.diskTypes()).find(({ name }) => name !== '__DEFAULT__');
  const zone = (await cloud.availabilityZones()).find(({ available }) => available);
  await cloud.close();
  if (type === undefined || zone === undefined) throw new Error('the cloud offers no type or no zone');
  place = { type: type.name, availabilityZone: zone.name };
});

const open = async (): Promise<CloudOnTrial> => {
  const cloud = new TidyCloud(access);
  return {
    cloud,
    place,
    patienceMs: 120_000,
    close: async () => {
      await cloud.tidy();
      await cloud.close();
    },
  };
};

diskCloudContract(open, { tags: true });
