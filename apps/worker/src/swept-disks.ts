import { isMissing, type DiskRow, type disksView, type SweptDisk } from '@strata/disks';
import { everything, type ViewCursor, type ViewStore } from '@strata/event-store';
import { DiskId, ProjectId } from '@strata/kernel';

const pageSize = 500;

/** The disks of a binding that are in the cloud, as the view shows them, oldest first. */
export async function* sweptDisksOf(
  views: ViewStore,
  view: typeof disksView,
  bindingId: string,
): AsyncGenerator<readonly SweptDisk[]> {
  const sort = { by: 'createdAt', direction: 'asc' } as const;
  let after: ViewCursor | undefined;
  do {
    const page = await views.list({ view, sight: everything, sort, after, limit: pageSize });
    yield page.rows.flatMap((row) => sweptDisk(row, bindingId));
    after = page.next ?? undefined;
  } while (after !== undefined);
}

const sweptDisk = ({ doc: { disk } }: DiskRow, bindingId: string): readonly SweptDisk[] => {
  if (disk.life !== 'in-cloud' || disk.bindingId !== bindingId) return [];
  const { diskId, projectId, cloudId, open, name, description, sizeGiB, type, cloudStatus, tags, traits } = disk;
  const ids = { diskId: DiskId.parse(diskId), projectId: ProjectId.parse(projectId), cloudId };
  const doubtful = isMissing(disk) || disk.undecidedGiB !== 0;
  const servers = traits.attachments.map(({ serverId }) => serverId);
  return [{ ...ids, busy: open !== null, doubtful, name, description, sizeGiB, type, cloudStatus, tags, servers }];
};
