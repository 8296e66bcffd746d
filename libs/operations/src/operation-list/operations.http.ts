import { Controller } from '@nestjs/common';
import { EventStore, ViewStore, type ViewValue } from '@strata/event-store';
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
  type Answer,
  type InputOf,
} from '@strata/http';
import { OperationId, ProjectId } from '@strata/kernel';
import { insideTheLog, positionOf, readPage, sightOf } from '@strata/projects';
import { z } from 'zod';
import { operationsView } from './operations.projection.js';
import { OperationReader } from '../operation-reader.js';
import { OperationResource, OperationStatus, showOperation } from '../operation.resource.js';
import { requireProject } from '../require-project.js';

const filters = {
  id: OperationId,
  kind: z.string().max(64),
  status: OperationStatus,
  'target.id': z.uuid().toLowerCase(),
  partOf: OperationId,
  retryOf: OperationId,
};
const listed = {
  sorts: ['createdAt', 'startedAt', 'endedAt'],
  ranges: { createdAt: timeBound, startedAt: timeBound, endedAt: timeBound },
  asOf: true,
} as const;
const columns = { id: 'key', 'target.id': 'targetIds' };
const description = 'Parts of a batch are left out unless `partOf` asks for those of one.';
const answers = {
  200: z.strictObject({ items: z.array(OperationResource), nextCursor: z.string().nullable() }),
};

const listOperations = route({
  method: 'GET',
  path: '/v1/operations',
  operationId: 'listOperations',
  summary: 'The operations of all projects that the caller may view',
  description,
  tag: 'operations',
  access: 'authenticated',
  query: listQuery({ ...listed, filters: { ...filters, projectId: ProjectId } }),
  answers,
});

const listOperationsOfProject = route({
  method: 'GET',
  path: '/v1/projects/:projectId/operations',
  operationId: 'listOperationsOfProject',
  summary: 'The operations of a project',
  description,
  tag: 'operations',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  query: listQuery({ ...listed, filters }),
  answers,
});

const getOperation = route({
  method: 'GET',
  path: '/v1/operations/:operationId',
  operationId: 'getOperation',
  summary: 'One operation',
  description: 'Folded from its stream, so that it is always current. Visible to whoever may view its project.',
  tag: 'operations',
  access: 'authenticated',
  params: z.strictObject({ operationId: OperationId }),
  query: z.strictObject({ asOf: asOfParameter.optional() }),
  answers: { 200: OperationResource },
});

type ListInput = InputOf<typeof listOperations> | InputOf<typeof listOperationsOfProject>;

@Controller()
export class OperationsController {
  constructor(
    private readonly store: EventStore,
    private readonly views: ViewStore,
    private readonly cursors: Cursors,
    private readonly reader: OperationReader,
  ) {}

  @Route(listOperations)
  list(@Input() input: InputOf<typeof listOperations>): Promise<Answer> {
    return this.page(input, {});
  }

  @Route(listOperationsOfProject)
  async listOfProject(@Input() input: InputOf<typeof listOperationsOfProject>): Promise<Answer> {
    const { projectId } = input.params;
    await requireProject(this.store, input.caller, projectId);
    return this.page(input, { projectId: [projectId] });
  }

  @Route(getOperation)
  async get(@Input() input: InputOf<typeof getOperation>): Promise<Answer> {
    const sight = sightOf(input.caller);
    await insideTheLog(this.store, input.minPosition);
    const upTo = await positionOf(this.store, input.query.asOf);
    const found = await this.reader.find(sight, input.params.operationId, upTo);
    if (!found) throw problem('not-found');
    const { record, position } = found;
    const shown = upTo === undefined ? await this.reader.show(record, sight) : asItWas(record);
    return ok(shown, { etag: record.version, position });
  }

  private async page(input: ListInput, where: Readonly<Record<string, readonly ViewValue[]>>): Promise<Answer> {
    const { store, views, cursors } = this;
    const { filters: asked, asOf } = cursors.open(input);
    const shownParts = 'partOf' in asked ? {} : { partOf: [null] };
    const page = await readPage({ store, views, cursors }, operationsView, input, { ...shownParts, ...where }, columns);
    const records = page.rows.map(({ doc }) => doc);
    const items = asOf ? records.map(asItWas) : await this.reader.showAll(records);
    return ok({ items, nextCursor: page.nextCursor }, { position: page.position });
  }
}

/** Of the past only what the log tells. */
const asItWas = (record: Parameters<typeof showOperation>[0]) => showOperation(record, { now: new Date() });
