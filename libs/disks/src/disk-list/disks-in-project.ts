import { Injectable } from '@nestjs/common';
import { LaneUnavailable, ViewStore, type Sight } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';
import { operationsView } from '@strata/operations';
import { ProjectContents, type Blocker } from '@strata/projects';
import { disksView } from './disks.projection.js';

const arriving = { kind: ['disk.transfer'], status: ['queued', 'running'] };

const viewPatienceMs = 2_000;
const retryAfterSeconds = 5;

/** What keeps a project from being deleted: its disks, also those that are still being deleted, and those on their way to it. */
@Injectable()
export class DisksInProject extends ProjectContents {
  constructor(private readonly views: ViewStore) {
    super();
  }

  async blockers(projectId: ProjectId, sight: Sight, head: number): Promise<readonly Blocker[]> {
    for (const { name } of [disksView, operationsView])
      if (!(await this.views.waitFor(name, head, viewPatienceMs)))
        throw new LaneUnavailable(`the view of ${name} lags behind`, retryAfterSeconds);
    const oldest = { sort: { by: 'createdAt', direction: 'asc' }, limit: 10 } as const;
    const [there, coming] = await Promise.all([
      this.views.list({ view: disksView, sight, where: { projectId: [projectId] }, ...oldest }),
      this.views.list({ view: operationsView, sight, where: { projectId: [projectId], ...arriving }, ...oldest }),
    ]);
    return [
      ...there.rows.map(({ key: id, name }) => ({ kind: 'disk', id, reason: `the disk ${name} is in the project` })),
      ...coming.rows.map(({ key: id }) => ({ kind: 'operation', id, reason: 'brings a disk to the project' })),
    ];
  }
}
