import type { EventStore } from '@strata/event-store';
import { problem, type Caller } from '@strata/http';
import type { ProjectId } from '@strata/kernel';
import { sightOf } from '../execute/grants.js';

/** For what lies in a project: a project that the caller may not view is `404`, like an absent one. */
export const requireProject = async (store: EventStore, caller: Caller, projectId: ProjectId): Promise<void> => {
  const { project } = await store.load({ sight: sightOf(caller), projectId });
  if (!project) throw problem('not-found');
};
