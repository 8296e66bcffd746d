import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import {
  asOfQuery,
  booleanParameter,
  integerBound,
  ok,
  problem,
  route,
  timeBound,
  type Answer,
  type InputOf,
} from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { DiskId, ProjectId, type BindingId } from '@strata/kernel';
import { listRoutes, readStream } from '@strata/projects';
import { BindingOffers, Lists, type List } from '@strata/projects/http';
import { z } from 'zod';
import { byServers } from '../attach-disk/attachable.js';
import { diskStream } from '../disk/disk.stream.js';
import { DiskStatus } from '../disk/index.js';
import { recordOf } from '../disk.record.js';
import { DiskResource, showDisk, showDiskThen } from '../disk.resource.js';
import { disksView, type DiskRow } from './disks.projection.js';

const text = z.string().max(255);

const listDisks = listRoutes({
  resources: 'disks',
  operationId: 'listDisks',
  item: DiskResource,
  query: {
    sorts: ['createdAt', 'updatedAt', 'name', 'sizeGiB', 'type', 'availabilityZone', 'status'],
    filters: {
      id: DiskId,
      name: text,
      description: text,
      sizeGiB: integerBound,
      type: text,
      availabilityZone: text,
      status: DiskStatus,
      statusReason: text,
      bootable: booleanParameter,
      shareable: booleanParameter,
      encrypted: booleanParameter,
      readOnly: booleanParameter,
      'attachments.serverId': text,
      'cloud.id': text,
      'cloud.status': text,
      version: integerBound,
    },
    ranges: { sizeGiB: integerBound, createdAt: timeBound, updatedAt: timeBound },
    tags: true,
    asOf: true,
  },
});

const getDisk = route({
  method: 'GET',
  path: '/v1/projects/:projectId/disks/:diskId',
  operationId: 'getDisk',
  versioned: true,
  summary: 'One disk',
  description: 'Folded from its stream, so that it is always current. A deleted disk is `404`; `asOf` still shows it.',
  tag: 'disks',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId, diskId: DiskId }),
  query: asOfQuery,
  answers: { 200: DiskResource },
});

/** `withholding`: bindings through which disks are not attached; then no row can be shown as the view wrote it. */
const disksBut = (withholding: ReadonlySet<BindingId>): List<DiskRow> => ({
  view: disksView,
  columns: { 'attachments.serverId': 'serverIds', 'cloud.id': 'cloudId', 'cloud.status': 'cloudStatus' },
  show: (rows, { isPast }) =>
    rows.map(({ doc }) => {
      if (isPast) return showDiskThen(doc);
      return showDisk(doc, Date.now(), withholding.has(doc.disk.bindingId) ? byServers : []);
    }),
});

const disks: List<DiskRow> = { ...disksBut(new Set()), written: 'shown' };

/** The past is shown as the log tells it. */
const listWithout = async (
  { query }: { readonly query: { readonly asOf?: unknown } },
  withholding: () => Promise<ReadonlySet<BindingId>>,
): Promise<List<DiskRow>> => {
  const withheld = query.asOf === undefined ? await withholding() : new Set<BindingId>();
  return withheld.size === 0 ? disks : disksBut(withheld);
};

@Controller()
export class DisksController {
  constructor(
    private readonly store: EventStore,
    private readonly lists: Lists,
    private readonly offers: BindingOffers,
  ) {}

  @Route(listDisks.ofAll)
  async list(@Input() input: InputOf<typeof listDisks.ofAll>): Promise<Answer> {
    return this.lists.ofAll(await listWithout(input, () => this.offers.withholding('attach', input)), input);
  }

  @Route(listDisks.ofProject)
  listOfProject(@Input() input: InputOf<typeof listDisks.ofProject>): Promise<Answer> {
    const { projectId } = input.params;
    const list = () => listWithout(input, () => this.offers.withholdingIn(projectId, 'attach', input));
    return this.lists.ofProject(list, input);
  }

  @Route(getDisk)
  async get(@Input() input: InputOf<typeof getDisk>): Promise<Answer> {
    const { projectId, diskId } = input.params;
    const { stream, position } = await readStream(this.store, input, diskStream(diskId));
    const record = recordOf(stream?.events ?? []);
    if (record?.disk.projectId !== projectId) throw problem('not-found');
    const etag = record.version;
    if (input.query.asOf !== undefined) return ok(showDiskThen(record), { etag, position });
    const { isWithheld, hasChanged } = await this.offers.offered('attach', record.disk.bindingId);
    const disk = showDisk(record, Date.now(), isWithheld ? byServers : []);
    return ok(disk, { etag, neverUnchanged: hasChanged, position });
  }
}
