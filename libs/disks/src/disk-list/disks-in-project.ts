import { Injectable } from '@nestjs/common';
import { LaneUnavailable, ViewStore, type Sight } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';
import { ProjectContents, type Blocker } from '@strata/projects';
import { disksView } from './disks.projection.js';

const viewPatienceMs = 2_000;
const retryAfterSeconds = 5;

/** What keeps a project from being deleted: its disks, also those that are still being deleted. */
@Injectable()
export class DisksInProject extends ProjectContents {
  constructor(private readonly views: ViewStore) {
    super();
  }

  async blockers(projectId: ProjectId, sight: Sight, head: number): Promise<readonly Blocker[]> {
    if (!(await this.views.waitFor(disksView.name, head, viewPatienceMs)))
      throw new LaneUnavailable('the view of disks lags behind', retryAfterSeconds);
    const { rows } = await this.views.list({
      view: disksView,
      sight,
      where: { projectId: [projectId] },
      sort: { by: 'createdAt', direction: 'asc' },
      limit: 10,
    });
    return rows.map(({ key, name }) => ({ kind: 'disk', id: key, reason: `the disk ${name} is in the project` }));
  }
}
