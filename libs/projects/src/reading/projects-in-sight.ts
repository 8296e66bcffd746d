import type { EventStore, Sight } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';

/** Before every removal, so that rights alone decide: who might view a project that is gone may be told its id. */
const evenIfGone = 0;

/**
 * Those of the projects that whoever reads may view at the moment, also such as are gone. The looks of one call travel
 * together (`load`), and what a grant names itself needs none.
 */
export const projectsInSight = async (
  store: EventStore,
  sight: Sight,
  projectIds: Iterable<ProjectId>,
): Promise<ReadonlySet<string>> => {
  const asked = [...new Set(projectIds)];
  if (sight.all) return new Set(asked);
  const granted = new Set(sight.nodes);
  const seen = await Promise.all(
    asked.map(async (projectId) => {
      if (granted.has(projectId)) return true;
      return (await store.load({ sight, projectId, upTo: evenIfGone })).project !== undefined;
    }),
  );
  return new Set(asked.filter((_, index) => seen[index]));
};
