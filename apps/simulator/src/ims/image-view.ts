import { secondTime } from '../world/times.js';
import type { Image, Visibility } from '../world/image.js';

/** Who owns the public images: nobody who uses them. */
const PLATFORM_PROJECT = '0c4e9b7fa21d4836b5f08e63d1a79c25';

const imageTypes = { public: 'gold', private: 'private', shared: 'shared' } as const;

/** An image in full (EVS reference §6). Members with two underscores are texts, also where they say true or a number. */
export const imageView = (image: Image, visibility: Visibility) => ({
  id: image.id,
  name: image.name,
  status: image.status,
  visibility,
  protected: visibility === 'public',
  owner: image.projectId ?? PLATFORM_PROJECT,
  min_disk: image.minDisk,
  min_ram: 0,
  disk_format: 'zvhd2',
  container_format: 'bare',
  size: 0,
  virtual_size: null,
  checksum: 'd41d8cd98f00b204e9800998ecf8427e',
  tags: [],
  schema: '/v2/schemas/image',
  self: `/v2/images/${image.id}`,
  file: `/v2/images/${image.id}/file`,
  created_at: secondTime(image.createdMs),
  updated_at: secondTime(image.updatedMs),
  virtual_env_type: image.virtualEnvType,
  hw_firmware_type: 'bios',
  __imagetype: imageTypes[visibility],
  __isregistered: 'true',
  __os_type: image.osType,
  __os_bit: '64',
  __os_version: image.osVersion,
  __platform: image.platform,
  __image_source_type: 'uds',
  __image_size: String(image.bytes),
  __lazyloading: 'true',
  __support_kvm: 'true',
  ...(image.cmkId === null ? {} : { __system__cmkid: image.cmkId }),
});
/** The image as the disks made of it remember it: every value is a text (EVS reference §1.3). */
export const imageMetadata = (image: Image, visibility: Visibility): Readonly<Record<string, string>> => {
  const { id, name, min_disk, min_ram, disk_format, container_format, ...rest } = imageView(image, visibility);
  const { virtual_env_type, __os_type, __os_bit, __os_version, __platform, __imagetype, __support_kvm } = rest;
  return {
    ...{ image_id: id, image_name: name, min_disk: String(min_disk), min_ram: String(min_ram) },
    ...{ disk_format, container_format, virtual_env_type, __imagetype },
    ...{ __os_type, __os_bit, __os_version, __platform, __support_kvm },
  };
};

export type ImageView = ReturnType<typeof imageView>;
