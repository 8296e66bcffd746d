import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import { asOfQuery, ok, problem, route, timeBound, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { DiskId, TransferId } from '@strata/kernel';
import { listRoutes, readStream } from '@strata/projects';
import { Lists, type List } from '@strata/projects/http';
import { transferStream, TransferStatus } from '../transfer/index.js';
import { recordOf } from './transfer.record.js';
import { transferParams } from './transfer-route.js';
import { showTransfer, TransferResource } from './transfer.resource.js';
import { transfersView, type TransferRow } from './transfers.projection.js';

const listTransfers = listRoutes({
  resources: 'transfers',
  operationId: 'listTransfers',
  description: 'Those that a project offers or has offered. Who accepted one sees the operation instead.',
  item: TransferResource,
  query: {
    sorts: ['createdAt', 'updatedAt'],
    filters: { id: TransferId, diskId: DiskId, status: TransferStatus },
    ranges: { createdAt: timeBound, updatedAt: timeBound },
    asOf: true,
  },
});

const getTransfer = route({
  method: 'GET',
  path: '/v1/projects/:projectId/transfers/:transferId',
  operationId: 'getTransfer',
  versioned: true,
  summary: 'One transfer, without its code',
  tag: 'transfers',
  access: 'authenticated',
  params: transferParams,
  query: asOfQuery,
  answers: { 200: TransferResource },
});

const transfers: List<TransferRow> = {
  outlivesProject: true,
  view: transfersView,
  show: (rows) => rows.map(({ doc }) => showTransfer(doc)),
};

@Controller()
export class TransfersController {
  constructor(
    private readonly store: EventStore,
    private readonly lists: Lists,
  ) {}

  @Route(listTransfers.ofAll)
  list(@Input() input: InputOf<typeof listTransfers.ofAll>): Promise<Answer> {
    return this.lists.ofAll(transfers, input);
  }

  @Route(listTransfers.ofProject)
  listOfProject(@Input() input: InputOf<typeof listTransfers.ofProject>): Promise<Answer> {
    return this.lists.ofProject(transfers, input);
  }

  @Route(getTransfer)
  async get(@Input() input: InputOf<typeof getTransfer>): Promise<Answer> {
    const { projectId, transferId } = input.params;
    const { stream, position } = await readStream(this.store, input, transferStream(transferId));
    const record = recordOf(stream?.events ?? []);
    if (record?.transfer.projectId !== projectId) throw problem('not-found');
    return ok(showTransfer(record), { etag: record.version, position });
  }
}
