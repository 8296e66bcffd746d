import type { Projection, RecordedEvent, ViewRow } from '@strata/event-store';
import { unreachable, type BindingId, type ProjectId } from '@strata/kernel';
import { bindingEvents, projectEvents } from '../catalogues.js';
import type { ProjectEvent } from '../project/index.js';
import { inMilliseconds } from '../reading/as-of.js';

export interface ProjectRow extends ViewRow {
  readonly name: string;
  readonly parentId: ProjectId | null;
  readonly bindingId: BindingId | null;
  readonly createdAt: string;
  /** `graceHours` is absent until it was set. */
  readonly doc: { readonly updatedAt: string; readonly version: number; readonly graceHours?: number };
}

/** One row for each project that is there. Apps add what features after this one write to `ignores`. */
export const projectsView: Projection<ProjectRow> = {
  name: 'projects',
  columns: { name: 'text', parent_id: 'uuid', binding_id: 'uuid', created_at: 'timestamptz', doc: 'jsonb' },
  handles: projectEvents.names,
  ignores: bindingEvents.names,
  keys: ({ projectId }) => [projectId],
  apply: (row, event) => {
    const at = inMilliseconds(event.recordedAt);
    const doc = { updatedAt: at, version: event.version };
    const fact = factOf(event);
    if (fact.type === 'ProjectCreated') {
      const { projectId } = event;
      return { key: projectId, projectId, createdAt: at, doc, ...fact.data };
    }
    return row ? changed({ ...row, doc: { ...row.doc, ...doc } }, fact) : null;
  },
};

/** Handled events arrive in today's shape. */
const factOf = (event: RecordedEvent) => event as unknown as ProjectEvent;

const changed = (row: ProjectRow, fact: Exclude<ProjectEvent, { type: 'ProjectCreated' }>): ProjectRow | null => {
  switch (fact.type) {
    case 'ProjectRenamed':
      return { ...row, name: fact.data.name };
    case 'ProjectMoved':
      return { ...row, parentId: fact.data.parentId };
    case 'ProjectDeleted':
      return null;
    case 'GraceHoursSet':
      return { ...row, doc: { ...row.doc, graceHours: fact.data.graceHours } };
    case 'TokenIssued':
    case 'TokenRenamed':
    case 'TokenRevoked':
    case 'LimitsSet':
      return row;
    default:
      return unreachable(fact);
  }
};
