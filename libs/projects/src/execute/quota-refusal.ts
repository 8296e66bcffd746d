import type { EventStore, OverQuota, Sight } from '@strata/event-store';
import { charged, type ProjectId, type Refusal } from '@strata/kernel';
import type { CommonRefusal, OverBound, QuotaLevel } from './plan.js';

/** How the reader is told of a level that does not suffice. */
export type Worded = (over: OverQuota) => Promise<CommonRefusal>;

/** A level is shown with its figures only to those who may view it; that is asked of the store, under the caller's own eyes. */
export const quotaRefusal = async (store: EventStore, sight: Sight, over: OverQuota): Promise<CommonRefusal> => {
  const { dimension, requested } = over;
  const missing = charged(over) + requested - over.limit;
  const level = await levelIn(store, sight, over);
  const detail = dimension === 'per_disk_gigabytes' ? ofOneDisk(requested, missing, level) : undefined;
  const type = over.nodeKind === 'binding' ? 'cloud-quota-exceeded' : 'quota-exceeded';
  return { type, dimension, requested, missing, level, ...(detail && { detail }) };
};

const levelIn = async (store: EventStore, sight: Sight, over: OverQuota): Promise<QuotaLevel> => {
  const { distance, limit, used, held, releasing } = over;
  if (over.nodeKind === 'binding') return { relation: 'cloud', distance };
  const projectId = over.node as ProjectId; // a node of kind project is named by its id
  const isVisible = (await store.load({ sight, projectId })).project !== undefined;
  return isVisible ? { projectId, limit, used, held, releasing } : { relation: 'ancestor', distance };
};

/** It is no sum: nothing is used of it, and nothing can be freed. */
const ofOneDisk = (requestedGiB: number, missingGiB: number, level: QuotaLevel): string => {
  const asked = `One disk of ${requestedGiB} GiB is asked for, ${missingGiB} GiB more than`;
  if ('projectId' in level) return `${asked} project ${level.projectId} allows a disk: at most ${level.limit} GiB.`;
  return level.relation === 'cloud'
    ? `${asked} the cloud allows a disk for this binding.`
    : `${asked} a project ${level.distance} above allows a disk.`;
};

const isOverBound = (refusal: Refusal): refusal is OverBound => refusal.type === 'over-bound';

/** A refusal as it is answered. */
export const told = async <R extends Refusal>(refusal: R | OverBound, worded: Worded): Promise<R | CommonRefusal> =>
  isOverBound(refusal) ? worded(refusal) : refusal;
