import type { LookContext } from '../kind.js';
import type { OpenOperation } from '../operation/operation.js';

/** What is known of where to look, for something that the cloud has had since `sinceMs`. */
export const lookContextOf = (operation: OpenOperation, sinceMs: number): LookContext => {
  const nothing = { operation, marker: '', jobId: null, cloudId: null, since: new Date(sinceMs) };
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
