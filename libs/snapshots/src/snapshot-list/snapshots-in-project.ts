import { LaneUnavailable, type Sight, type ViewStore } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';
import { ProjectContents, type Blocker } from '@strata/projects';
import { snapshotsView } from './snapshots.projection.js';

const viewPatienceMs = 2_000;
const retryAfterSeconds = 5;
const most = 10;

/** What keeps a project from being deleted: what lies in it otherwise, and then its snapshots. */
export class SnapshotsInProject extends ProjectContents {
  constructor(
    private readonly views: ViewStore,
    private readonly others: ProjectContents,
  ) {
    super();
  }

  async blockers(projectId: ProjectId, sight: Sight, head: number): Promise<readonly Blocker[]> {
    const others = await this.others.blockers(projectId, sight, head);
    if (others.length >= most) return others;
    if (!(await this.views.waitFor(snapshotsView.name, head, viewPatienceMs)))
      throw new LaneUnavailable('the view of snapshots lags behind', retryAfterSeconds);
    const { rows } = await this.views.list({
      view: snapshotsView,
      sight,
      where: { projectId: [projectId] },
      sort: { by: 'createdAt', direction: 'asc' },
      limit: most - others.length,
    });
    const reason = (name: string) => `the snapshot ${name} is in the project`;
    return [...others, ...rows.map(({ key: id, name }) => ({ kind: 'snapshot', id, reason: reason(name) }) as const)];
  }
}
