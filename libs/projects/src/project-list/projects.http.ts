import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import { asOfQuery, listQuery, ok, pageOf, problem, route, timeBound, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId, ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { ProjectResource, projectStream, readProject, showProject, showProjects } from '../project.resource.js';
import { readStream } from '../reading/current.js';
import { Lists, type List } from '../reading/lists.js';
import { projectsView, type ProjectRow } from './projects.projection.js';

const listProjects = route({
  method: 'GET',
  path: '/v1/projects',
  operationId: 'listProjects',
  summary: 'The projects that the caller may view',
  tag: 'projects',
  access: 'authenticated',
  query: listQuery({
    sorts: ['createdAt', 'name'],
    filters: { id: ProjectId, name: z.string(), parentId: ProjectId, bindingId: BindingId },
    ranges: { createdAt: timeBound },
    asOf: true,
  }),
  answers: { 200: pageOf(ProjectResource) },
});

const getProject = route({
  method: 'GET',
  path: '/v1/projects/:projectId',
  operationId: 'getProject',
  versioned: true,
  summary: 'One project',
  tag: 'projects',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  query: asOfQuery,
  answers: { 200: ProjectResource },
});

@Controller()
export class ProjectsController {
  readonly #projects: List<ProjectRow> = {
    view: projectsView,
    shownInSight: ['parentId'],
    show: (rows, { caller }) => showProjects(this.store, caller, rows),
  };

  constructor(
    private readonly store: EventStore,
    private readonly lists: Lists,
  ) {}

  @Route(listProjects)
  list(@Input() input: InputOf<typeof listProjects>) {
    return this.lists.ofAll(this.#projects, input);
  }

  @Route(getProject)
  async get(@Input() input: InputOf<typeof getProject>) {
    const { projectId } = input.params;
    const { stream, position } = await readStream(this.store, input, projectStream(projectId));
    const found = readProject(projectId, stream);
    if (!found) throw problem('not-found');
    const project = await showProject(this.store, input.caller, found);
    return ok(project, { etag: found.doc.version, position });
  }
}
