import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { refuse, type Refusal } from '../http/refusal.js';
import { touched } from './disk-work.js';
import type { Image } from './image.js';
import type { Volume } from './volume.js';
import { planWork } from './work.js';

/** What `os-volume_upload_image` asks for. */
export interface ImageRequest {
  readonly name: string;
  readonly diskFormat: string;
  readonly containerFormat: string;
  readonly force: boolean;
  readonly osType: 'linux' | 'windows';
}

/** Begins to read the disk into a private image; a disk in use is read by force, with its servers stopped. */
export const beginImage = (
  cloud: Cloud,
  call: Call,
  volume: Volume,
  request: ImageRequest,
): { readonly image: Image; readonly volume: Volume } | Refusal => {
  const refusal = checkReadable(cloud, volume, request.force);
  if (refusal) return refusal;
  const { operation, projectId, nowMs } = call;
  const plan = planWork(cloud, { type: 'uploadImage', operation, projectId, diskName: volume.name, nowMs });
  const image = imageOf(volume, request, nowMs);
  const transition = {
    kind: 'upload',
    imageId: image.id,
    previousStatus: volume.status,
    endMs: plan.endMs,
    outcome: plan.outcome,
  } as const;
  const uploading = touched<Volume>({ ...volume, status: 'uploading', transition }, nowMs);
  cloud.world.commit({ kind: 'image', image });
  cloud.world.commit({ kind: 'accepted', volumes: [uploading], jobs: [] });
  return { image, volume: uploading };
};

const checkReadable = ({ world }: Cloud, volume: Volume, force: boolean): Refusal | null => {
  if (volume.status !== 'available' && volume.status !== 'in-use') return refuse('EVS.5400', `it is ${volume.status}`);
  if (volume.status === 'in-use' && !force) return refuse('EVS.5400', 'a disk in use takes force');
  const { servers } = world.projects.get(volume.projectId) ?? {};
  const running = volume.attachments.find(({ serverId }) => servers?.get(serverId)?.status !== 'SHUTOFF');
  return running ? refuse('EVS.5400', `the server ${running.serverId} is not stopped`) : null;
};

const BYTES_PER_GB = 134_217_728;

const imageOf = (volume: Volume, { name, osType }: ImageRequest, nowMs: number): Image => ({
  id: randomUUID(),
  name,
  status: 'saving',
  projectId: volume.projectId,
  members: {},
  minDisk: volume.size,
  bytes: volume.size * BYTES_PER_GB,
  virtualEnvType: volume.bootable ? 'FusionCompute' : 'DataImage',
  osType: osType === 'windows' ? 'Windows' : 'Linux',
  osVersion: volume.imageMetadata?.['__os_version'] ?? '',
  platform: volume.imageMetadata?.['__platform'] ?? 'Other',
  cmkId: volume.metadata['__system__cmkid'] ?? null,
  createdMs: nowMs,
  updatedMs: nowMs,
});
