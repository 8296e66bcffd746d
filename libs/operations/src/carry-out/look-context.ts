import type { LookContext } from '../kind.js';
import type { OpenOperation } from '../operation/operation.js';

/** What is known of where to look, for something that the cloud has had since `sinceMs`. */
export const lookContextOf = (operation: OpenOperation, sinceMs: number, nowMs: number): LookContext => {
  const since = { since: new Date(sinceMs), pendingForMs: Math.max(nowMs - sinceMs, 0) };
  const nothing = { operation, marker: '', jobId: null, cloudId: null, ...since };
  if (operation.status !== 'running') return nothing;
  switch (operation.phase) {
    case 'accepted':
      return { ...nothing, marker: operation.marker, jobId: operation.jobId, cloudId: operation.cloudId };
    case 'sending':
    case 'lost':
      return { ...nothing, marker: operation.marker };
    case 'cleared':
    case 'watching':
      return nothing;
  }
};
