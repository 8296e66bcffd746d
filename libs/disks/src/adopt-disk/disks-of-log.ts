import { everything, LaneUnavailable, type ViewStore } from '@strata/event-store';
import type { BindingId } from '@strata/kernel';
import { disksView } from '../disk-list/disks.projection.js';

const viewPatienceMs = 2_000;
const retryAfterSeconds = 5;
/** Of one page; ids of the cloud are unique, so that no page is ever full of others. */
const pageSize = 500;

/**
 * Those of the cloud's disks that are disks of the log already: a sweep may have taken one for somebody else's whose marker was
 * gone before the view knew it.
 * @throws LaneUnavailable while the view has not seen the log up to `head`.
 */
export const disksOfLog = async (
  views: ViewStore,
  bindingId: BindingId,
  cloudIds: readonly string[],
  head: number,
): Promise<ReadonlySet<string>> => {
  if (!(await views.waitFor(disksView.name, head, viewPatienceMs)))
    throw new LaneUnavailable('the view of disks lags behind', retryAfterSeconds);
  const known = new Set<string>();
  for (let begin = 0; begin < cloudIds.length; begin += pageSize) {
    const { rows } = await views.list({
      view: disksView,
      sight: everything,
      where: { cloudId: cloudIds.slice(begin, begin + pageSize) },
      sort: { by: 'createdAt', direction: 'asc' },
      limit: pageSize,
    });
    for (const { cloudId, doc } of rows) if (cloudId !== null && doc.disk.bindingId === bindingId) known.add(cloudId);
  }
  return known;
};
