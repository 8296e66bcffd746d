import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import { asOfQuery, ok, problem, route, timeBound, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ActorId, OperationId } from '@strata/kernel';
import { listRoutes, readUpTo, sightOf } from '@strata/projects';
import { Lists, type List } from '@strata/projects/http';
import { z } from 'zod';
import { KindRegistry } from '../kind-registry.js';
import { mustBeKnown } from '../known-kinds.js';
import { Target } from '../operation/index.js';
import { operationsView, type OperationRow } from './operations.projection.js';
import { OperationReader } from '../operation-reader.js';
import { hasEnded } from '../operation.record.js';
import { operationParams } from '../operation-route.js';
import { OperationResource, OperationStatus } from '../operation.resource.js';

const listOperations = listRoutes({
  resources: 'operations',
  operationId: 'listOperations',
  description: 'Parts of a batch are left out unless `partOf` asks for those of one.',
  item: OperationResource,
  query: {
    sorts: ['createdAt', 'startedAt', 'endedAt'],
    filters: {
      id: OperationId,
      kind: z.string().max(64),
      status: OperationStatus,
      'target.type': z.enum(Target.options.map(({ shape }) => shape.type.value)),
      'target.id': z.uuid().toLowerCase(),
      partOf: OperationId,
      retryOf: OperationId,
      'actor.id': ActorId,
    },
    ranges: { createdAt: timeBound, startedAt: timeBound, endedAt: timeBound },
    asOf: true,
  },
});

const getOperation = route({
  method: 'GET',
  path: '/v1/operations/:operationId',
  operationId: 'getOperation',
  versioned: true,
  summary: 'One operation',
  description: 'Folded from its stream, so that it is always current. Visible to whoever may view its project.',
  tag: 'operations',
  access: 'authenticated',
  params: operationParams,
  query: asOfQuery,
  answers: { 200: OperationResource },
});

@Controller()
export class OperationsController {
  private readonly operations: List<OperationRow> = {
    view: operationsView,
    outlivesProject: true,
    columns: { 'target.type': 'targetType', 'target.id': 'targetIds', 'actor.id': 'actorId' },
    defaults: { partOf: [null] },
    show: (rows, { caller, isPast, position }) => {
      const records = rows.map(({ doc }) => doc);
      const sight = sightOf(caller);
      return isPast ? this.reader.showThen(records, sight, position) : this.reader.showAll(records, sight, position);
    },
  };

  constructor(
    private readonly store: EventStore,
    private readonly lists: Lists,
    private readonly reader: OperationReader,
    private readonly kinds: KindRegistry,
  ) {}

  @Route(listOperations.ofAll)
  async list(@Input() input: InputOf<typeof listOperations.ofAll>): Promise<Answer> {
    mustBeKnown(this.kinds.names, input.query.filters.kind);
    return this.lists.ofAll(this.operations, input);
  }

  @Route(listOperations.ofProject)
  async listOfProject(@Input() input: InputOf<typeof listOperations.ofProject>): Promise<Answer> {
    mustBeKnown(this.kinds.names, input.query.filters.kind);
    return this.lists.ofProject(this.operations, input);
  }

  @Route(getOperation)
  async get(@Input() input: InputOf<typeof getOperation>): Promise<Answer> {
    const sight = sightOf(input.caller);
    const upTo = await readUpTo(this.store, input);
    const found = await this.reader.find(sight, input.params.operationId, upTo);
    if (!found) throw problem('not-found');
    const { record, position } = found;
    const [shown] =
      upTo === undefined ? [await this.reader.show(record, sight)] : await this.reader.showThen([record], sight, upTo);
    // Its parts tell how far a plan is, and write nothing into its stream.
    const neverUnchanged = record.state.plan !== undefined && !hasEnded(record);
    return ok(shown, { etag: record.version, neverUnchanged, position });
  }
}
