import type { EventStore, Loaded, ProjectNode } from '@strata/event-store';
import { problem, type Caller, type ListInput } from '@strata/http';
import type { ProjectId } from '@strata/kernel';
import { sightOf } from '../execute/grants.js';
import { foldProject, projectStream } from '../project.resource.js';
import { openPage, type AnyListQuery, type OpenedPage, type ReadPorts } from './read-page.js';

export interface RequiredProject {
  readonly project: ProjectNode;
  /** Head of the log when this was read. */
  readonly head: number;
}

/**
 * For what lies in a project, now or as of a position: a project that the caller may not view is `404`, like an absent one, and
 * so is one that was not there then. Who may view what was is decided by the grants and the tree of now.
 */
export const requireProject = async (
  store: EventStore,
  caller: Caller,
  projectId: ProjectId,
  upTo?: number,
): Promise<RequiredProject> => {
  const streams = upTo === undefined ? [] : [projectStream(projectId)];
  const loaded = await store.load({ sight: sightOf(caller), projectId, streams, upTo });
  const project = upTo === undefined ? loaded.project : projectThen(loaded);
  if (!project) throw problem('not-found');
  return { project, head: loaded.head };
};

/** The project of a load that began with its stream: the tree alone does not tell since when it is there. */
export const projectThen = ({ project, streams: [stream] }: Loaded): ProjectNode | undefined =>
  foldProject(stream).status === 'live' ? project : undefined;

/** As `openPage`, of what lies in a project: of one that is not seen it is not told either what is wrong with a cursor. */
export const openPageIn = <Query extends AnyListQuery>(
  ports: Pick<ReadPorts, 'store' | 'cursors'>,
  projectId: ProjectId,
  request: ListInput<Query> & { readonly caller: Caller },
): Promise<OpenedPage<Query>> =>
  openPage(ports, request).catch(async (fault: unknown) => {
    await requireProject(ports.store, request.caller, projectId);
    throw fault;
  });
