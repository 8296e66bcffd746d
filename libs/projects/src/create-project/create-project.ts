import type { Loaded } from '@strata/event-store';
import { ProjectId, type BindingId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { execute, type CommandPorts, type WriteCall } from '../execute/execute.js';
import { isPlatformAdmin, type NoRight } from '../execute/grants.js';
import { planRefused, type Executed, type Planned } from '../execute/plan.js';
import { foldBinding } from '../binding.resource.js';
import { namesNothing, type NamesNothing } from '../project.problems.js';
import { projectStream } from '../project.resource.js';
import { project, type ProjectRefusal } from '../project/index.js';

export interface NewProject {
  /** Made here unless given. */
  readonly projectId?: ProjectId;
  readonly name: string;
  readonly parentId: ProjectId | undefined;
  /** None: the parent's. Fixed from then on. */
  readonly bindingId: BindingId | undefined;
}

export type CreateProjectRefusal = ProjectRefusal | NoRight | NamesNothing;

/** The answer remembers `projectId`. */
export const createProject = async (
  ports: CommandPorts,
  call: WriteCall,
  wanted: NewProject,
): Promise<Executed<CreateProjectRefusal>> => {
  const { parentId, bindingId } = wanted;
  const projectId = wanted.projectId ?? ProjectId.parse(newId());
  const bindings = bindingId ? ([`binding-${bindingId}`] as const) : [];
  const executed = await execute<CreateProjectRefusal>(ports, call, {
    role: parentId ? 'admin' : 'platform-admin',
    projectId: parentId,
    streams: [projectStream(projectId), ...bindings],
    decide: (loaded) => planOf(call, projectId, wanted, loaded),
  });
  if (executed.status !== 'refused' || executed.refusal.type !== 'not-found') return executed;
  // What the decision found missing it has named; before it only the parent is looked for.
  return 'errors' in executed.refusal ? executed : { status: 'refused', refusal: namesNothing('/parentId') };
};

const planOf = (
  call: WriteCall,
  projectId: ProjectId,
  { name, parentId: given, bindingId: wanted }: NewProject,
  { project: parent, streams: [, itsBinding] }: Loaded,
): Planned<CreateProjectRefusal> => {
  const parentId = given ?? null;
  const inherited = parent?.bindingId ?? null;
  const bindingId = wanted ?? inherited;
  if (wanted && wanted !== inherited) {
    // Which clouds there are is the platform's affair.
    if (!isPlatformAdmin(call.caller)) {
      return planRefused({ type: 'forbidden', missing: { role: 'platform-admin', projectId: null } });
    }
    if (foldBinding(itsBinding).status !== 'live') return planRefused(namesNothing('/bindingId'));
  }
  const decision = project.decide({ type: 'CreateProject', name, parentId, bindingId }, project.initial);
  if (!decision.accepted) return decision;
  return {
    accepted: true,
    streams: [{ stream: projectStream(projectId), projectId, expectedVersion: 0, events: decision.events }],
    changes: [{ change: 'project-added', projectId, parentId, bindingId, name }],
    answer: { projectId },
  };
};
