import type { Sight } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';
import type { Blocker } from './project/index.js';

/** What lies in a project, as told by the features after this one. */
export abstract class ProjectContents {
  /**
   * Some of what keeps the project from being deleted, ten at most, as of `head` or later.
   * @throws LaneUnavailable when that cannot be told in time.
   */
  abstract blockers(projectId: ProjectId, sight: Sight, head: number): Promise<readonly Blocker[]>;
}
