import { z } from 'zod';
import type { Sent, WriteOptions } from '../../disk-cloud.js';
import type { NewCloudImage } from '../../image-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { ownFault } from '../evs.faults.js';

const Uploading = z.object({ 'os-volume_upload_image': z.object({ image_id: z.string().min(1) }) });

/** C4. The answer names the image; the disk is `uploading` until its data are read (EVS reference §1.5). */
export const exportImage = async (
  client: EvsClient,
  { cloudDiskId, name, format, os, force }: NewCloudImage,
  options: WriteOptions,
): Promise<Sent> => {
  const action = { image_name: name, disk_format: format, container_format: 'bare', force, __os_type: os };
  const path = `/volumes/${encodeURIComponent(cloudDiskId)}/action`;
  const call = { method: 'POST', version: 'v2', path, body: { 'os-volume_upload_image': action } } as const;
  const answer = await client.write(call, client.window(options));
  if (!('kind' in answer)) return answer;
  const begun = Uploading.safeParse(answer.json);
  if (!begun.success) {
    const fault = ownFault('no-image', 'the image was accepted without being named', answer.requestId);
    return { outcome: 'unknown', fault };
  }
  const imageId = begun.data['os-volume_upload_image'].image_id;
  return { outcome: 'accepted', jobId: null, cloudId: imageId, requestId: answer.requestId };
};
