import type { EventStore } from '@strata/event-store';
import type { AnswerOptions, Caller } from '@strata/http';
import { ProjectId } from '@strata/kernel';
import type { Accepted } from './execute/answered.js';
import { asAccepted } from './execute/as-accepted.js';
import { sightOf } from './execute/grants.js';
import { projectStream, readProject, showProject, type ProjectResource } from './project.resource.js';

/** The project of an accepted command as it is now, for the answer's body and headers. */
export const showCurrentProject = async (
  store: EventStore,
  { caller }: { readonly caller: Caller },
  accepted: Accepted,
): Promise<{ readonly project: ProjectResource; readonly options: AnswerOptions }> => {
  const { answer, position, replayed } = accepted;
  const projectId = ProjectId.parse(answer['projectId']);
  const from = { sight: sightOf(caller), stream: projectStream(projectId) };
  const found = await asAccepted(store, from, accepted, (stream) => readProject(projectId, stream));
  const project = await showProject(store, caller, found);
  return { project, options: { etag: found.doc.version, position, replayed } };
};
