import type { disksView } from '@strata/disks';
import { everything, type ViewCursor, type ViewStore } from '@strata/event-store';
import { DiskId, ProjectId, SnapshotId } from '@strata/kernel';
import type { DiskOfLog, SnapshotRow, snapshotsView, SweptSnapshot } from '@strata/snapshots';

const pageSize = 500;

/** The snapshots of a binding that are in the cloud or were lost there, as the view shows them, oldest first. */
export async function* sweptSnapshotsOf(
  views: ViewStore,
  view: typeof snapshotsView,
  bindingId: string,
): AsyncGenerator<readonly SweptSnapshot[]> {
  const sort = { by: 'createdAt', direction: 'asc' } as const;
  let after: ViewCursor | undefined;
  do {
    const page = await views.list({ view, sight: everything, sort, after, limit: pageSize });
    yield page.rows.flatMap((row) => sweptSnapshot(row, bindingId));
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** Which disks of the log these disks of the cloud are. */
export const disksByCloudId = async (
  views: ViewStore,
  view: typeof disksView,
  bindingId: string,
  cloudIds: readonly string[],
): Promise<readonly DiskOfLog[]> => {
  const sort = { by: 'createdAt', direction: 'asc' } as const;
  const found: DiskOfLog[] = [];
  for (let start = 0; start < cloudIds.length; start += pageSize) {
    const where = { cloudId: cloudIds.slice(start, start + pageSize) };
    const { rows } = await views.list({ view, sight: everything, where, sort, limit: pageSize });
    for (const { cloudId, doc } of rows)
      if (cloudId !== null && doc.disk.bindingId === bindingId)
        found.push({ cloudId, diskId: DiskId.parse(doc.disk.diskId), projectId: ProjectId.parse(doc.disk.projectId) });
  }
  return found;
};

const sweptSnapshot = ({ doc: { snapshot } }: SnapshotRow, bindingId: string): readonly SweptSnapshot[] => {
  if (snapshot.bindingId !== bindingId) return [];
  const cloudId = snapshot.life === 'in-cloud' ? snapshot.cloudId : snapshot.lostId;
  if (cloudId === undefined) return [];
  const { snapshotId, diskId, projectId, open, name, description, metadata, madeBy = null } = snapshot;
  const ids = {
    snapshotId: SnapshotId.parse(snapshotId),
    diskId: DiskId.parse(diskId),
    projectId: ProjectId.parse(projectId),
  };
  const lost = snapshot.life === 'requested';
  const condition = snapshot.life === 'in-cloud' ? snapshot.condition : 'unknown';
  return [{ ...ids, cloudId, busy: open !== null, lost, name, description, metadata, condition, madeBy }];
};
