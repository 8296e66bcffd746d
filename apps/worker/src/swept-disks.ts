import { isMissing, type DiskRow, type disksView, type SweptDisk } from '@strata/disks';
import { everything, type ViewCursor, type ViewQuery, type ViewStore } from '@strata/event-store';
import { DiskId, ProjectId } from '@strata/kernel';
import type { Turn } from '@strata/queue/postgres';
import { dueChanges } from './due-changes.js';

const pageSize = 500;
/** Neither at rest nor in use as it should be. */
const restless = [
  'creating',
  'extending',
  'retyping',
  'attaching',
  'detaching',
  'backing-up',
  'restoring',
  'rolling-back',
  'deleting',
  'error',
  'unknown',
];

type View = typeof disksView;
type Filter = Pick<ViewQuery<DiskRow>, 'where' | 'ranges'>;
type SortColumn = 'createdAt' | 'updatedAt';

/** The disks of a binding that are in the cloud, as the view shows them, in the order of a time. */
export async function* sweptDisksOf(
  views: ViewStore,
  view: View,
  bindingId: string,
  filter: Filter = {},
  by: SortColumn = 'createdAt',
): AsyncGenerator<readonly SweptDisk[]> {
  for await (const page of disksInCloud(views, view, filter, by))
    yield page.filter((disk) => disk.bindingId === bindingId);
}

/**
 * Those that are likely to be other than the log says: changed when this turn looks at it, not at rest, or named. One may come
 * several times. What is made meanwhile is left to the next turn.
 */
export async function* hotDisksOf(
  views: ViewStore,
  view: View,
  bindingId: string,
  withFindings: readonly DiskId[],
  turn: Turn,
): AsyncGenerator<readonly SweptDisk[]> {
  const createdAt = { lt: timeOf(turn.beganMs) };
  for (const { fromMs, untilMs } of dueChanges(turn)) {
    const ranges = { updatedAt: { gte: timeOf(fromMs), lt: timeOf(untilMs) }, createdAt };
    yield* sweptDisksOf(views, view, bindingId, { ranges }, 'updatedAt');
  }
  yield* sweptDisksOf(views, view, bindingId, { where: { status: restless }, ranges: { createdAt } });
  for (let start = 0; start < withFindings.length; start += pageSize)
    yield* sweptDisksOf(views, view, bindingId, { where: { key: withFindings.slice(start, start + pageSize) } });
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** Which disks of the log these disks of the cloud are, in whatever binding. */
export const disksByCloudId = async (
  views: ViewStore,
  view: View,
  cloudIds: readonly string[],
): Promise<readonly SweptDisk[]> => {
  const found: SweptDisk[] = [];
  for (let start = 0; start < cloudIds.length; start += pageSize) {
    const where = { cloudId: cloudIds.slice(start, start + pageSize) };
    for await (const page of disksInCloud(views, view, { where })) found.push(...page);
  }
  return found;
};

async function* disksInCloud(
  views: ViewStore,
  view: View,
  filter: Filter,
  by: SortColumn = 'createdAt',
): AsyncGenerator<readonly SweptDisk[]> {
  const sort = { by, direction: 'asc' } as const;
  let after: ViewCursor | undefined;
  do {
    const page = await views.list({ view, sight: everything, ...filter, sort, after, limit: pageSize });
    yield page.rows.flatMap(sweptDisk);
    after = page.next ?? undefined;
  } while (after !== undefined);
}

const sweptDisk = ({ doc: { disk } }: DiskRow): readonly SweptDisk[] => {
  if (disk.life !== 'in-cloud') return [];
  const {
    diskId,
    projectId,
    bindingId,
    cloudId,
    open,
    name,
    description,
    sizeGiB,
    type,
    cloudStatus,
    tags,
    metadata,
    traits,
  } = disk;
  const ids = { diskId: DiskId.parse(diskId), projectId: ProjectId.parse(projectId), bindingId, cloudId };
  const doubtful = isMissing(disk) || disk.undecidedGiB !== 0 || Boolean(disk.undecidedMove);
  const shown = { name, description, sizeGiB, type, cloudStatus, tags, metadata, traits, madeBy: disk.madeBy ?? null };
  return [{ ...ids, busy: open !== null, doubtful, ...shown }];
};
