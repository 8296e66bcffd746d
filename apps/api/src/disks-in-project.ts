import { disksView } from '@strata/disks';
import type { Sight, ViewStore } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';
import { ProjectContents, type Blocker } from '@strata/projects';

/** A project with disks is not deleted. */
export class DisksInProject extends ProjectContents {
  constructor(private readonly views: ViewStore) {
    super();
  }

  async blockers(projectId: ProjectId, sight: Sight): Promise<readonly Blocker[]> {
    const { rows } = await this.views.list({
      view: disksView,
      sight,
      where: { projectId: [projectId] },
      sort: { by: 'createdAt', direction: 'asc' },
      limit: 10,
    });
    return rows.map(({ key }) => ({ kind: 'disk', id: key, reason: 'lies in it' }));
  }
}
