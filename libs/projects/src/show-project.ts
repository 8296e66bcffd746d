import type { EventStore } from '@strata/event-store';
import { problem, type AnswerOptions, type Caller } from '@strata/http';
import { ProjectId } from '@strata/kernel';
import type { Accepted } from './execute/answered.js';
import { sightOf } from './execute/grants.js';
import { projectStream, readProject, showProject, type ProjectResource } from './project.resource.js';

/** The project of an accepted command as it is now, for the answer's body and headers. */
export const showCurrentProject = async (
  store: EventStore,
  { caller }: { readonly caller: Caller },
  { answer, position, replayed }: Accepted,
): Promise<{ readonly project: ProjectResource; readonly options: AnswerOptions }> => {
  const projectId = ProjectId.parse(answer['projectId']);
  const { streams } = await store.load({ sight: sightOf(caller), streams: [projectStream(projectId)] });
  const found = readProject(projectId, streams[0]);
  if (!found) throw problem('not-found');
  return { project: showProject(caller, found), options: { etag: found.doc.version, position, replayed } };
};
