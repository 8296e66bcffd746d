import { defineEvents } from '@strata/event-store';
import { bindingEventSchemas } from './binding/index.js';
import { projectEventSchemas, type ProjectEvent } from './project/index.js';

export const projectEvents = defineEvents({
  category: 'project',
  types: {
    ProjectCreated: { versions: projectEventSchemas.ProjectCreated },
    ProjectRenamed: { versions: projectEventSchemas.ProjectRenamed },
    ProjectMoved: { versions: projectEventSchemas.ProjectMoved },
    ProjectDeleted: { versions: projectEventSchemas.ProjectDeleted },
    TokenIssued: { versions: projectEventSchemas.TokenIssued },
    TokenRenamed: { versions: projectEventSchemas.TokenRenamed },
    TokenRevoked: { versions: projectEventSchemas.TokenRevoked },
    LimitsSet: { versions: projectEventSchemas.LimitsSet },
    GraceHoursSet: { versions: projectEventSchemas.GraceHoursSet },
  },
});

export const bindingEvents = defineEvents({
  category: 'binding',
  types: {
    BindingAdded: { versions: bindingEventSchemas.BindingAdded },
    BindingChanged: { versions: bindingEventSchemas.BindingChanged },
    BindingRemoved: { versions: bindingEventSchemas.BindingRemoved },
    CloudQuotaObserved: { versions: bindingEventSchemas.CloudQuotaObserved },
  },
});

type Named = {
  readonly [Event in ProjectEvent as Event['type']]?: readonly (keyof Event['data'])[];
};

/** Members of events that name another project, which whoever may view the event's own need not be able to view. */
export const projectsNamedByEvents: Readonly<Record<string, readonly string[]>> = {
  ProjectCreated: ['parentId'],
  ProjectMoved: ['fromParentId', 'parentId'],
} satisfies Named;

/** All that this feature writes. */
export const cataloguesOfProjects = [projectEvents, bindingEvents];
