import type { ProjectNode, QuotaLedger } from '@strata/event-store';
import { charged, type Limit, type ProjectId } from '@strata/kernel';
import { diskCharges } from '../disk/disk.charges.js';

/** What a project would be charged, itself and all below it. */
export interface QuotaAfter {
  readonly projectId: ProjectId;
  readonly dimension: string;
  readonly limit: Limit;
  readonly charged: number;
  readonly after: number;
  /** 0 where it fits. */
  readonly overBy: number;
}

interface Placed {
  readonly projectId: ProjectId;
  readonly type: string;
  readonly sizeGiB: number;
}

/**
 * What adopting the disks would come to in their projects, and in those above that have a limit. The cloud's own limit is
 * left out: the disks are counted there already.
 */
export const quotaAfter = async (
  ledger: QuotaLedger,
  projects: ReadonlyMap<ProjectId, ProjectNode>,
  disks: readonly Placed[],
): Promise<readonly QuotaAfter[]> => {
  const figures = new Map<string, { readonly limit: Limit; readonly charged: number }>();
  for (const projectId of projects.keys())
    for (const level of await ledger.path(projectId))
      figures.set(`${level.node} ${level.dimension}`, { limit: level.limit, charged: charged(level) });
  return [...addedTo(projects, disks)].flatMap(([key, { projectId, dimension, amount }]) => {
    const { limit, charged: now } = figures.get(key) ?? { limit: 'unlimited', charged: 0 };
    if (limit === 'unlimited' && !projects.has(projectId)) return [];
    const after = now + amount;
    const overBy = limit === 'unlimited' ? 0 : Math.max(0, after - limit);
    return [{ projectId, dimension, limit, charged: now, after, overBy }];
  });
};

interface Added {
  readonly projectId: ProjectId;
  readonly dimension: string;
  readonly amount: number;
}

/** By node and dimension: charges run up the path. */
const addedTo = (projects: ReadonlyMap<ProjectId, ProjectNode>, disks: readonly Placed[]) => {
  const sums = new Map<string, Added>();
  for (const disk of disks)
    for (const each of diskCharges.observe(disk))
      for (const projectId of projects.get(disk.projectId)?.path ?? []) {
        const key = `${projectId} ${each.dimension}`;
        const amount = (sums.get(key)?.amount ?? 0) + charged(each);
        sums.set(key, { projectId, dimension: each.dimension, amount });
      }
  return sums;
};
