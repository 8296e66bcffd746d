import type { LaneChange, Loaded, ProjectNode } from '@strata/event-store';
import { fold, type ProjectId } from '@strata/kernel';
import { execute, type CommandPorts, type WriteCall } from '../execute/execute.js';
import { mayAt, sightOf, type NoRight } from '../execute/grants.js';
import { planRefused, type Executed, type Planned } from '../execute/plan.js';
import { namesNothing, type NamesNothing } from '../project.problems.js';
import { foldProject, projectStream } from '../project.resource.js';
import { project, type ProjectCommand, type ProjectEvent, type ProjectRefusal } from '../project/index.js';

export interface ProjectChange {
  readonly projectId: ProjectId;
  readonly name: string | undefined;
  readonly parentId: ProjectId | undefined;
  readonly graceHours: number | undefined;
}

export type ChangeProjectRefusal = ProjectRefusal | NoRight | NamesNothing;

/** Renames, moves, and says how long deleted disks are kept. Moving asks for admin at both parents, and for room on the new path. */
export const changeProject = (
  ports: CommandPorts,
  call: WriteCall,
  change: ProjectChange,
): Promise<Executed<ChangeProjectRefusal>> =>
  execute<ChangeProjectRefusal>(ports, call, {
    role: 'admin',
    projectId: change.projectId,
    streams: [projectStream(change.projectId)],
    decide: async (loaded) => {
      const parent = await newParent(ports, call, change, loaded);
      return parent && 'refused' in parent ? planRefused(parent.refused) : planOf(change, parent, loaded);
    },
  });

const newParent = async (
  { store }: CommandPorts,
  { caller }: WriteCall,
  { parentId }: ProjectChange,
  { project: moved }: Loaded,
): Promise<ProjectNode | { readonly refused: NoRight | NamesNothing } | undefined> => {
  if (!parentId) return undefined;
  const above = moved?.path.slice(1) ?? [];
  // Whether it is the parent already is told to those only who may know.
  if (parentId === moved?.parentId && mayAt(caller, 'viewer', above)) return undefined;
  if (!mayAt(caller, 'admin', above)) {
    return { refused: { type: 'forbidden', missing: { role: 'admin', projectId: null, relation: 'parent' } } };
  }
  const parent = (await store.load({ sight: sightOf(caller), projectId: parentId })).project;
  if (!parent) return { refused: namesNothing('/parentId') };
  if (!mayAt(caller, 'admin', parent.path)) {
    return { refused: { type: 'forbidden', missing: { role: 'admin', projectId: parentId } } };
  }
  return parent;
};

const planOf = (
  { projectId, name, graceHours }: ProjectChange,
  parent: ProjectNode | undefined,
  { streams: [stream] }: Loaded,
): Planned<ProjectRefusal> => {
  const commands: ProjectCommand[] = [];
  if (name !== undefined) commands.push({ type: 'RenameProject', name });
  if (graceHours !== undefined) commands.push({ type: 'SetGraceHours', graceHours });
  if (parent) {
    const [, ...above] = parent.path;
    commands.push({ type: 'MoveProject', projectId, to: [parent.projectId, ...above] });
  }
  const before = foldProject(stream);
  const events: ProjectEvent[] = [];
  for (const command of commands) {
    const decision = project.decide(command, fold({ ...project, initial: before }, events));
    if (!decision.accepted) return decision;
    events.push(...decision.events);
  }
  return {
    accepted: true,
    streams: [{ stream: projectStream(projectId), projectId, expectedVersion: stream?.version ?? 0, events }],
    changes: events.flatMap((event) => laneChange(projectId, event)),
    answer: { projectId },
  };
};

const laneChange = (projectId: ProjectId, event: ProjectEvent): readonly LaneChange[] => {
  switch (event.type) {
    case 'ProjectRenamed':
      return [{ change: 'project-renamed', projectId, name: event.data.name }];
    case 'ProjectMoved':
      return [{ change: 'project-moved', projectId, parentId: event.data.parentId }];
    default:
      return [];
  }
};
