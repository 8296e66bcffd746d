import type { QuotaLedger } from '@strata/event-store';
import type { Limit, ProjectId } from '@strata/kernel';
import type { OverBound } from '@strata/projects';

const dimension = 'per_disk_gigabytes';

/**
 * `per_disk_gigabytes`: a bound on one disk, the least on the path from the project to the cloud. It is never charged, so that
 * the lane does not watch it; it is read for each command that it concerns. The bound nearest to the project that a disk of
 * this size passes; undefined where there is none.
 */
export const boundPassedBy = async (
  ledger: QuotaLedger,
  requestedGiB: number,
  projectId: ProjectId,
): Promise<OverBound | undefined> => {
  const isPassed = ({ limit }: { readonly limit: Limit }) => limit !== 'unlimited' && requestedGiB > limit;
  if (!isPassed({ limit: await ledger.leastLimit(projectId, dimension) })) return undefined;
  const levels = (await ledger.path(projectId)).filter((level) => level.dimension === dimension);
  const [nearest] = levels.filter(isPassed).sort((a, b) => a.distance - b.distance);
  if (nearest === undefined || nearest.limit === 'unlimited') return undefined;
  return { ...nearest, type: 'over-bound', limit: nearest.limit, requested: requestedGiB };
};
