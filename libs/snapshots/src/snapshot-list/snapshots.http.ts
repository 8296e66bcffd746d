import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import { asOfQuery, integerBound, ok, problem, route, timeBound, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { DiskId, SnapshotId, type BindingId } from '@strata/kernel';
import { listRoutes, readStream } from '@strata/projects';
import { BindingOffers, Lists, type List } from '@strata/projects/http';
import { z } from 'zod';
import { snapshotParams } from '../snapshot-route.js';
import { recordOf } from '../snapshot.record.js';
import { showSnapshot, SnapshotResource } from '../snapshot.resource.js';
import { SnapshotStatus } from '../snapshot/index.js';
import { snapshotStream } from '../snapshot/snapshot.stream.js';
import { snapshotsView, type SnapshotRow } from './snapshots.projection.js';

const text = z.string().max(255);

const rollingBack = 'roll-back';

const listSnapshots = listRoutes({
  resources: 'snapshots',
  operationId: 'listSnapshots',
  item: SnapshotResource,
  query: {
    sorts: ['createdAt', 'updatedAt', 'name', 'sizeGiB', 'status'],
    filters: {
      id: SnapshotId,
      diskId: DiskId,
      name: text,
      description: text,
      sizeGiB: integerBound,
      status: SnapshotStatus,
      'cloud.id': text,
    },
    ranges: { sizeGiB: integerBound, createdAt: timeBound, updatedAt: timeBound },
    asOf: true,
  },
});

const getSnapshot = route({
  method: 'GET',
  path: '/v1/projects/:projectId/snapshots/:snapshotId',
  operationId: 'getSnapshot',
  versioned: true,
  summary: 'One snapshot',
  description: 'Folded from its stream, so that it is always current. A deleted one is `404`; `asOf` still shows it.',
  tag: 'snapshots',
  access: 'authenticated',
  params: snapshotParams,
  query: asOfQuery,
  answers: { 200: SnapshotResource },
});

/** `withholding`: bindings that do not roll back; then no row can be shown as the view wrote it. */
const snapshotsBut = (withholding: ReadonlySet<BindingId>): List<SnapshotRow> => ({
  view: snapshotsView,
  columns: { 'cloud.id': 'cloudId' },
  show: (rows, { isPast }) =>
    rows.map(({ doc }) => showSnapshot(doc, !isPast && withholding.has(doc.snapshot.bindingId) ? [rollingBack] : [])),
});

const snapshots: List<SnapshotRow> = { ...snapshotsBut(new Set()), written: 'shown' };

/** The past is shown as the log tells it. */
const listWithout = async (
  { query }: { readonly query: { readonly asOf?: unknown } },
  withholding: () => Promise<ReadonlySet<BindingId>>,
): Promise<List<SnapshotRow>> => {
  const withheld = query.asOf === undefined ? await withholding() : new Set<BindingId>();
  return withheld.size === 0 ? snapshots : snapshotsBut(withheld);
};

@Controller()
export class SnapshotsController {
  constructor(
    private readonly store: EventStore,
    private readonly lists: Lists,
    private readonly offers: BindingOffers,
  ) {}

  @Route(listSnapshots.ofAll)
  async list(@Input() input: InputOf<typeof listSnapshots.ofAll>): Promise<Answer> {
    return this.lists.ofAll(await listWithout(input, () => this.offers.withholding(rollingBack, input)), input);
  }

  @Route(listSnapshots.ofProject)
  listOfProject(@Input() input: InputOf<typeof listSnapshots.ofProject>): Promise<Answer> {
    const { projectId } = input.params;
    const list = () => listWithout(input, () => this.offers.withholdingIn(projectId, rollingBack, input));
    return this.lists.ofProject(list, input);
  }

  @Route(getSnapshot)
  async get(@Input() input: InputOf<typeof getSnapshot>): Promise<Answer> {
    const { projectId, snapshotId } = input.params;
    const { stream, position } = await readStream(this.store, input, snapshotStream(snapshotId));
    const record = recordOf(stream?.events ?? []);
    if (record?.snapshot.projectId !== projectId) throw problem('not-found');
    const etag = record.version;
    if (input.query.asOf !== undefined) return ok(showSnapshot(record), { etag, position });
    const { isWithheld, hasChanged } = await this.offers.offered(rollingBack, record.snapshot.bindingId);
    const snapshot = showSnapshot(record, isWithheld ? [rollingBack] : []);
    return ok(snapshot, { etag, neverUnchanged: hasChanged, position });
  }
}
