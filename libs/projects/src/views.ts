import type { Projection } from '@strata/event-store';
import { bindingsView } from './bindings/bindings.projection.js';
import { projectsView } from './project-list/projects.projection.js';

export const viewsOfProjects: readonly Projection[] = [projectsView, bindingsView];
