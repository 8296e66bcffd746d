import type { Cloud } from '../cloud.js';
import type { Route } from '../http/call.js';
import { isRefusal } from '../http/refusal.js';
import { findVolume } from '../world/disk-work.js';
import type { Volume } from '../world/volume.js';

/** How far what a disk is made of has been loaded (N28), below `/v3` only. Here it is loaded while the disk is made. */
export const loadingRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'disks.loading',
    method: 'GET',
    paths: ['/v3/:projectId/os-vendor-volumes/:volumeId/internal-info'],
    surface: 'native',
    handle: (call) => {
      const volume = findVolume(cloud, call);
      if (isRefusal(volume)) return volume;
      return { status: 200, body: { info: { loading_progress: percentOf(volume, call.nowMs) } } };
    },
  },
];

const percentOf = ({ transition, createdMicros }: Volume, nowMs: number): number => {
  if (transition?.kind !== 'create' && transition?.kind !== 'prepare') return 100;
  const { endMs } = transition.kind === 'prepare' ? transition.then : transition;
  const beganMs = createdMicros / 1_000;
  const share = endMs === null ? 0 : (nowMs - beganMs) / (endMs - beganMs);
  return Math.min(Math.max(Math.floor(share * 100), 0), 99);
};
