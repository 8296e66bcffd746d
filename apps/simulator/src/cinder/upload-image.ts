import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isObject, type Members } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { findVolume } from '../world/disk-work.js';
import { beginImage, type ImageRequest } from '../world/image-work.js';
import { resourceTime } from '../world/times.js';
import { typeView } from './catalogue.js';

const diskFormats = ['vhd', 'zvhd', 'zvhd2', 'raw', 'qcow2'];
const containerFormats = ['ami', 'ari', 'aki', 'ovf', 'bare'];
const imageName = /^(?! )[A-Za-z0-9._ -]{1,128}(?<! )$/;

/** `os-volume_upload_image` (C4): an image of the disk, which is `uploading` until its data are read (EVS reference §1.5). */
export const uploadImage = (cloud: Cloud, call: Call, parameters: unknown): Answer | Refusal => {
  const request = readRequest(parameters);
  if (isRefusal(request)) return request;
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const begun = beginImage(cloud, call, volume, request);
  if (isRefusal(begun)) return begun;
  const { image, volume: uploading } = begun;
  const type = cloud.world.types.find(({ name }) => name === volume.volumeType);
  const body = {
    status: 'uploading',
    image_id: image.id,
    image_name: image.name,
    size: uploading.size,
    id: uploading.id,
    disk_format: request.diskFormat,
    container_format: request.containerFormat,
    display_description: uploading.description,
    updated_at: uploading.updatedMicros === null ? null : resourceTime(uploading.updatedMicros),
    volume_type: type ? { ...typeView(type), ...bookkeeping } : null,
  };
  return { status: 202, body: { 'os-volume_upload_image': body } };
};

/** What this answer alone tells of a type. */
const bookkeeping = {
  deleted: false,
  deleted_at: null,
  description: 'None',
  created_at: '2024-01-10T12:00:00.000000',
  updated_at: '2025-02-01T12:00:00.000000',
};

const readRequest = (parameters: unknown): ImageRequest | Refusal => {
  const given: Members = isObject(parameters) ? parameters : {};
  const { image_name: name, disk_format: diskFormat = 'zvhd2', container_format: containerFormat = 'bare' } = given;
  const { force = false, __os_type: osType = 'linux' } = given;
  if (typeof name !== 'string' || !imageName.test(name)) return refuse('EVS.5400', 'image_name');
  if (typeof diskFormat !== 'string' || !diskFormats.includes(diskFormat)) return refuse('EVS.5400', 'disk_format');
  if (typeof containerFormat !== 'string' || !containerFormats.includes(containerFormat))
    return refuse('EVS.5400', 'container_format');
  if (typeof force !== 'boolean') return refuse('EVS.5400', 'force');
  if (osType !== 'linux' && osType !== 'windows') return refuse('EVS.5400', '__os_type');
  return { name, diskFormat, containerFormat, force, osType };
};
