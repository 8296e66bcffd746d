import type { LaneChange, Loaded, ViewStore } from '@strata/event-store';
import { BindingId, ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { bindingStream, foldBinding, nodeOf } from '../binding.resource.js';
import { binding, type BindingCommand, type BindingRefusal } from '../binding/index.js';
import { execute, type CommandPorts, type WriteCall } from '../execute/execute.js';
import { seesEverything, sightOf } from '../execute/grants.js';
import type { Executed, Planned } from '../execute/plan.js';
import { projectsView } from '../project-list/projects.projection.js';
import type { BindingChange, NewBinding } from './binding.schemas.js';

/** The answer remembers `bindingId`. */
export const addBinding = (
  ports: CommandPorts,
  call: WriteCall,
  access: NewBinding,
  bindingId = BindingId.parse(newId()),
): Promise<Executed<BindingRefusal>> =>
  execute<BindingRefusal>(ports, call, {
    role: 'platform-admin',
    streams: [bindingStream(bindingId)],
    decide: (loaded) => planOf(bindingId, { type: 'AddBinding', access }, loaded),
  });

export const changeBinding = (
  ports: CommandPorts,
  call: WriteCall,
  bindingId: BindingId,
  change: BindingChange,
): Promise<Executed<BindingRefusal>> =>
  onBinding(ports, call, bindingId, (loaded) => planOf(bindingId, { type: 'ChangeBinding', change }, loaded));

/** Only while no project uses it. */
export const removeBinding = (
  ports: CommandPorts & { readonly views: ViewStore },
  call: WriteCall,
  bindingId: BindingId,
): Promise<Executed<BindingRefusal>> =>
  onBinding(ports, call, bindingId, async (loaded) => {
    const usedBy = await projectsOf(ports.views, call, bindingId, loaded.head);
    return planOf(bindingId, { type: 'RemoveBinding', usedBy }, loaded);
  });

const onBinding = async (
  ports: CommandPorts,
  call: WriteCall,
  bindingId: BindingId,
  decide: (loaded: Loaded) => Planned<BindingRefusal> | Promise<Planned<BindingRefusal>>,
): Promise<Executed<BindingRefusal>> =>
  seesEverything(call.caller)
    ? execute<BindingRefusal>(ports, call, { role: 'platform-admin', streams: [bindingStream(bindingId)], decide })
    : { status: 'refused', refusal: { type: 'not-found' } };

/** The view names those in the way; the lane has the last word about what it has not seen yet. */
const viewPatienceMs = 2_000;

const projectsOf = async (views: ViewStore, { caller }: WriteCall, bindingId: BindingId, head: number) => {
  await views.waitFor(projectsView.name, head, viewPatienceMs);
  const { rows } = await views.list({
    view: projectsView,
    sight: sightOf(caller),
    where: { bindingId: [bindingId] },
    sort: { by: 'createdAt', direction: 'asc' },
    limit: 10,
  });
  return rows.map(({ key }) => ProjectId.parse(key));
};

const planOf = (
  bindingId: BindingId,
  command: BindingCommand,
  { streams: [stream] }: Loaded,
): Planned<BindingRefusal> => {
  const decision = binding.decide(command, foldBinding(stream));
  if (!decision.accepted) return decision;
  const expectedVersion = stream?.version ?? 0;
  const projectId = nodeOf(bindingId);
  return {
    accepted: true,
    streams: [{ stream: bindingStream(bindingId), projectId, expectedVersion, events: decision.events }],
    changes: laneChanges[command.type]?.(bindingId) ?? [],
    answer: { bindingId },
  };
};

const laneChanges: Partial<Record<BindingCommand['type'], (bindingId: BindingId) => readonly LaneChange[]>> = {
  AddBinding: (bindingId) => [{ change: 'binding-added', bindingId }],
  RemoveBinding: (bindingId) => [{ change: 'binding-removed', bindingId }],
};
