import { everything, type ViewCursor, type ViewStore } from '@strata/event-store';
import { DiskId, ProjectId, SnapshotId } from '@strata/kernel';
import { cloudStatusOf, type SnapshotRow, type snapshotsView, type SweptSnapshot } from '@strata/snapshots';

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
  const state =
    snapshot.life === 'in-cloud'
      ? { condition: snapshot.condition, cloudStatus: cloudStatusOf(snapshot) }
      : { condition: 'unknown' as const, cloudStatus: 'unknown' };
  return [{ ...ids, cloudId, busy: open !== null, lost, name, description, metadata, ...state, madeBy }];
};
