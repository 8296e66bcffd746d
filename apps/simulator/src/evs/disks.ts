import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isObject, member, truncated } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { createDisks, deleteDisk, extendDisk, findVolume, type Accepted } from '../world/disk-work.js';
import { nativeCreate } from './create-request.js';
import { volumeDetail } from './volume-view.js';

/** Create, look at, delete and extend a disk the EVS-native way: work answers with a job (N1, N3, N3b, N4, N5). */
export const diskRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'disks.create',
    method: 'POST',
    paths: ['/v2/:projectId/cloudvolumes'],
    surface: 'native',
    malformed: 'EVS.1008',
    writes: true,
    handle: (call) => {
      const request = nativeCreate(cloud, call);
      return isRefusal(request) ? request : jobAnswer(createDisks(cloud, call, request));
    },
  },
  {
    operation: 'disks.get',
    method: 'GET',
    paths: ['/v2/:projectId/os-vendor-volumes/:volumeId', '/v2/:projectId/cloudvolumes/:volumeId'],
    surface: 'native',
    handle: (call) => {
      const volume = findVolume(cloud, call);
      if (isRefusal(volume)) return volume;
      return { status: 200, body: { volume: volumeDetail(volume, call, cloud.world.seed, 'os-vendor-volumes') } };
    },
  },
  {
    operation: 'disks.delete',
    method: 'DELETE',
    paths: ['/v2/:projectId/cloudvolumes/:volumeId'],
    surface: 'native',
    writes: true,
    handle: (call) => jobAnswer(deleteDisk(cloud, call)),
  },
  {
    operation: 'disks.extend',
    method: 'POST',
    paths: ['/v2/:projectId/cloudvolumes/:volumeId/action'],
    surface: 'native',
    malformed: 'EVS.1011',
    writes: true,
    handle: (call) => extend(cloud, call),
  },
];

const jobAnswer = (accepted: Accepted | Refusal): Answer | Refusal =>
  isRefusal(accepted) ? accepted : { status: 200, body: { job_id: accepted.jobId } };

const extend = (cloud: Cloud, call: Call): Answer | Refusal => {
  const extension = member(call.body, 'os-extend');
  if (!isObject(extension)) return refuse('EVS.1011', 'os-extend is missing');
  const newSize = truncated(extension['new_size'], 1, Number.MAX_SAFE_INTEGER, 'EVS.1010');
  return isRefusal(newSize) ? newSize : jobAnswer(extendDisk(cloud, call, newSize));
};
