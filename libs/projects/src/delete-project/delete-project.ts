import { LaneUnavailable, type LaneChange, type Loaded, type ViewStore } from '@strata/event-store';
import { charged, type ProjectId } from '@strata/kernel';
import { execute, type CommandPorts, type WriteCall } from '../execute/execute.js';
import { sightOf } from '../execute/grants.js';
import type { Executed, Planned } from '../execute/plan.js';
import { projectsView } from '../project-list/projects.projection.js';
import type { ProjectContents } from '../project.ports.js';
import { foldProject, projectStream } from '../project.resource.js';
import { project, type Blocker, type ProjectCommand, type ProjectRefusal } from '../project/index.js';

export interface DeletePorts extends CommandPorts {
  readonly views: ViewStore;
  readonly contents: ProjectContents;
}

/** Blockers come from views: only those that have seen the log up to now can tell that there are none. */
const viewPatienceMs = 2_000;
const retryAfterSeconds = 5;

/** Only when nothing is in it any more. */
export const deleteProject = (
  ports: DeletePorts,
  call: WriteCall,
  projectId: ProjectId,
): Promise<Executed<ProjectRefusal>> =>
  execute<ProjectRefusal>(ports, call, {
    role: 'admin',
    projectId,
    streams: [projectStream(projectId)],
    decide: async (loaded) => planOf(projectId, await blockersOf(ports, call, projectId, loaded.head), loaded),
  });

type Deletion = Extract<ProjectCommand, { type: 'DeleteProject' }>;

const blockersOf = async (
  { views, contents, ledger }: DeletePorts,
  { caller }: WriteCall,
  projectId: ProjectId,
  head: number,
): Promise<Deletion> => {
  if (!(await views.waitFor(projectsView.name, head, viewPatienceMs)))
    throw new LaneUnavailable('the view of projects lags behind', retryAfterSeconds);
  const [children, disks, levels] = await Promise.all([
    childrenOf(views, projectId, sightOf(caller)),
    contents.blockers(projectId, sightOf(caller), head),
    ledger.path(projectId),
  ]);
  const own = levels.filter((level) => level.distance === 0 && charged(level) !== 0);
  return { type: 'DeleteProject', children, disks, charged: own.map(({ dimension }) => dimension) };
};

const childrenOf = async (
  views: ViewStore,
  projectId: ProjectId,
  sight: ReturnType<typeof sightOf>,
): Promise<readonly Blocker[]> => {
  const { rows } = await views.list({
    view: projectsView,
    sight,
    where: { parentId: [projectId] },
    sort: { by: 'createdAt', direction: 'asc' },
    limit: 10,
  });
  return rows.map(({ key }) => ({ kind: 'project', id: key, reason: 'lies below it' }));
};

const planOf = (projectId: ProjectId, command: Deletion, { streams: [stream] }: Loaded): Planned<ProjectRefusal> => {
  const before = foldProject(stream);
  const decision = project.decide(command, before);
  if (!decision.accepted) return decision;
  const tokens = before.status === 'live' ? before.tokens : [];
  const revocations = tokens.map(({ tokenId }): LaneChange => ({ change: 'token-revoked', tokenId }));
  const expectedVersion = stream?.version ?? 0;
  return {
    accepted: true,
    streams: [{ stream: projectStream(projectId), projectId, expectedVersion, events: decision.events }],
    changes: [...revocations, { change: 'project-removed', projectId }],
    answer: { projectId },
  };
};
