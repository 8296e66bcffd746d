import type { EventStore, LoadedStream } from '@strata/event-store';
import type { Caller } from '@strata/http';
import {
  BindingId,
  fold,
  isPlainLine,
  isUnseen,
  noControl,
  notBlank,
  ProjectId,
  safeText,
  type StreamId,
} from '@strata/kernel';
import { z } from 'zod';
import { sightOf } from './execute/grants.js';
import type { ProjectRow } from './project-list/projects.projection.js';
import { project, type Project, type ProjectEvent } from './project/index.js';
import { inMilliseconds } from './reading/as-of.js';
import { projectsInSight } from './reading/projects-in-sight.js';

/** 1 to 255 characters, none of them unseen, not blank. */
export const Name = safeText
  .max(255)
  .regex(/\S/u, notBlank)
  .refine((name) => !isUnseen(name), notBlank)
  .refine(isPlainLine, noControl);

export const ProjectResource = z
  .strictObject({
    id: ProjectId,
    name: z.string(),
    /** Null for a root, and where the caller may not view the parent. */
    parentId: ProjectId.nullable(),
    bindingId: BindingId.nullable(),
    /** How long a deleted disk of the project is kept and can be had back, in hours. */
    graceHours: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({ id: 'Project' });
export type ProjectResource = z.infer<typeof ProjectResource>;

export const projectStream = (projectId: ProjectId): StreamId => `project-${projectId}`;

/** The store hands out events in today's shape. */
const eventsOf = (stream: LoadedStream | undefined) => (stream?.events ?? []) as unknown as readonly ProjectEvent[];

export const foldProject = (stream: LoadedStream | undefined): Project => fold(project, eventsOf(stream));

/** The project as its stream tells; undefined when it is not there, or no longer. */
export const readProject = (
  projectId: ProjectId,
  stream: LoadedStream | undefined,
): Omit<ProjectRow, 'key'> | undefined => {
  const state = foldProject(stream);
  const [first] = stream?.events ?? [];
  const last = stream?.events.at(-1);
  if (state.status !== 'live' || !first || !last) return undefined;
  const { name, parentId, bindingId, graceHours } = state;
  const doc = { updatedAt: inMilliseconds(last.recordedAt), version: last.version, graceHours };
  return { projectId, name, parentId, bindingId, createdAt: inMilliseconds(first.recordedAt), doc };
};

type ShownRow = Omit<ProjectRow, 'key'>;

/** What the caller sees of them: a parent's id, now or then, only where the caller may view the parent at the moment. */
export const showProjects = async (
  store: EventStore,
  caller: Caller,
  rows: readonly ShownRow[],
): Promise<readonly ProjectResource[]> => {
  const parents = rows.flatMap(({ parentId }) => parentId ?? []);
  const inSight = await projectsInSight(store, sightOf(caller), parents);
  return rows.map((row) => shown(row, inSight));
};

export const showProject = async (store: EventStore, caller: Caller, row: ShownRow): Promise<ProjectResource> =>
  shown(row, await projectsInSight(store, sightOf(caller), row.parentId ? [row.parentId] : []));

const shown = (row: ShownRow, inSight: ReadonlySet<string>): ProjectResource => {
  const { projectId, name, parentId, bindingId, createdAt, doc } = row;
  return {
    id: ProjectId.parse(projectId),
    name,
    parentId: parentId && inSight.has(parentId) ? parentId : null,
    bindingId,
    graceHours: doc.graceHours ?? 0,
    createdAt: inMilliseconds(createdAt),
    updatedAt: doc.updatedAt,
    version: doc.version,
  };
};
