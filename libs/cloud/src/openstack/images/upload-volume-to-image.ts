import { z } from 'zod';
import type { Sent, WriteOptions } from '../../disk-cloud.js';
import type { NewCloudImage } from '../../image-cloud.js';
import { ownFault } from '../../wire/outcome.js';
import { segment, type OpenstackClient } from '../openstack.client.js';

const Uploading = z.object({ 'os-volume_upload_image': z.object({ image_id: z.string().min(1) }) });

/** Those of ours that Glance knows. */
const formats: ReadonlySet<string> = new Set(['raw', 'qcow2', 'vhd']);

/** The action `os-volume_upload_image`. The answer names the image; the disk is `uploading` until its data are read. */
export const uploadToImage = async (
  client: OpenstackClient,
  { cloudDiskId, name, format, force }: NewCloudImage,
  options: WriteOptions,
): Promise<Sent> => {
  if (!formats.has(format)) {
    const fault = ownFault('image-format', `OpenStack makes no images in ${format}: ${[...formats].join(', ')}`);
    return { outcome: 'refused', reason: 'invalid', fault };
  }
  const action = { image_name: name, disk_format: format, container_format: 'bare', force };
  const path = `/volumes/${segment(cloudDiskId)}/action`;
  const body = { 'os-volume_upload_image': action };
  const answer = await client.write({ method: 'POST', path, body }, client.window(options));
  if (!('kind' in answer)) return answer;
  const begun = Uploading.safeParse(answer.json);
  if (!begun.success) {
    const fault = ownFault('no-image', 'the image was accepted without being named', answer.requestId);
    return { outcome: 'unknown', fault };
  }
  const imageId = begun.data['os-volume_upload_image'].image_id;
  return { outcome: 'accepted', jobId: null, cloudId: imageId, requestId: answer.requestId };
};
