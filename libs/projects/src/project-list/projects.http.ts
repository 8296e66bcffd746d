import { Controller } from '@nestjs/common';
import { EventStore, ViewStore } from '@strata/event-store';
import {
  asOfParameter,
  Cursors,
  Input,
  listQuery,
  ok,
  problem,
  route,
  Route,
  timeBound,
  type InputOf,
} from '@strata/http';
import { BindingId, ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { ProjectResource, projectStream, readProject, showProject } from '../project.resource.js';
import { readStream } from '../reading/current.js';
import { readPage } from '../reading/read-page.js';
import { projectsView } from './projects.projection.js';

const listProjects = route({
  method: 'GET',
  path: '/v1/projects',
  operationId: 'listProjects',
  summary: 'The projects that the caller may view',
  tag: 'projects',
  access: 'authenticated',
  query: listQuery({
    sorts: ['createdAt', 'name'],
    filters: { name: z.string(), parentId: ProjectId, bindingId: BindingId },
    ranges: { createdAt: timeBound },
    asOf: true,
  }),
  answers: { 200: z.strictObject({ items: z.array(ProjectResource), nextCursor: z.string().nullable() }) },
});

const getProject = route({
  method: 'GET',
  path: '/v1/projects/:projectId',
  operationId: 'getProject',
  summary: 'One project',
  tag: 'projects',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  query: z.strictObject({ asOf: asOfParameter.optional() }),
  answers: { 200: ProjectResource },
});

@Controller()
export class ProjectsController {
  constructor(
    private readonly store: EventStore,
    private readonly views: ViewStore,
    private readonly cursors: Cursors,
  ) {}

  @Route(listProjects)
  async list(@Input() input: InputOf<typeof listProjects>) {
    const { store, views, cursors } = this;
    const { rows, nextCursor, position } = await readPage({ store, views, cursors }, projectsView, input);
    return ok({ items: rows.map((row) => showProject(input.caller, row)), nextCursor }, { position });
  }

  @Route(getProject)
  async get(@Input() input: InputOf<typeof getProject>) {
    const { projectId } = input.params;
    const { stream, position } = await readStream(this.store, input, projectStream(projectId));
    const found = readProject(projectId, stream);
    if (!found) throw problem('not-found');
    return ok(showProject(input.caller, found), { etag: found.doc.version, position });
  }
}
