import type { BindingId, Charge, Fact, JsonObject, Limit, ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import type { Append, LaneChange, Verdict } from '../append.js';
import type { EventStore } from '../event-store.js';

/** Appends as features make them, cut down to what a spec is about. */
export const meta = { actorId: '0190ffff-0000-7000-8000-000000000001', requestId: 'request-1' };

export const newProjectId = (): ProjectId => newId() as ProjectId;
export const newBindingId = (): BindingId => newId() as BindingId;

export const fact = (type: string, charges: readonly Charge[] = [], data: JsonObject = {}): Fact => ({
  type,
  schemaVersion: 1,
  data,
  charges,
});

export const held = (dimension: string, n: number): Charge => ({ dimension, held: n, used: 0, releasing: 0 });

/** One command (or fact) that puts a disk with these charges into a project. */
export const diskAppend = (
  projectId: ProjectId,
  charges: readonly Charge[] = [],
  change: Partial<Append> = {},
): Append => ({
  appendId: newId(),
  mode: 'command',
  meta,
  streams: [{ stream: `disk-${newId()}`, projectId, expectedVersion: 0, events: [fact('DiskRequested', charges)] }],
  ...change,
});

/** An append whose only purpose is its changes; its event stands in a stream of the project. */
export const changeAppend = (
  projectId: ProjectId,
  changes: readonly LaneChange[],
  mode: Append['mode'] = 'command',
): Append => ({
  appendId: newId(),
  mode,
  meta,
  changes,
  streams: [{ stream: `project-${newId()}`, projectId, expectedVersion: 0, events: [fact('ProjectChanged')] }],
});

export const limits = (of: Readonly<Record<string, Limit>>) =>
  Object.entries(of).map(([dimension, limit]) => ({ dimension, limit }));

const committed = (verdict: Verdict): void => {
  if (verdict.status !== 'committed') throw new Error(`expected a commit: ${JSON.stringify(verdict)}`);
};

export interface Tree {
  readonly binding: BindingId;
  readonly root: ProjectId;
  readonly team: ProjectId;
  readonly other: ProjectId;
  /** Below `team`, on the binding. */
  readonly project: ProjectId;
}

/** root → (team → project, other); everything on one binding. */
export const plantTree = async (store: EventStore): Promise<Tree> => {
  const [binding, root, team, other] = [newBindingId(), newProjectId(), newProjectId(), newProjectId()];
  const project = newProjectId();
  const added = (projectId: ProjectId, parentId: ProjectId | null, name: string): LaneChange => ({
    change: 'project-added',
    projectId,
    parentId,
    bindingId: binding,
    name,
  });
  committed(
    await store.append(
      changeAppend(root, [{ change: 'binding-added', bindingId: binding }, added(root, null, 'root')]),
    ),
  );
  committed(await store.append(changeAppend(team, [added(team, root, 'team')])));
  committed(await store.append(changeAppend(other, [added(other, root, 'other')])));
  committed(await store.append(changeAppend(project, [added(project, team, 'project')])));
  return { binding, root, team, other, project };
};

export const setLimits = (
  node: ProjectId | BindingId,
  of: Readonly<Record<string, Limit>>,
  within: ProjectId,
): Append => changeAppend(within, [{ change: 'limits-set', node, limits: limits(of) }]);
