import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import {
  asOfQuery,
  Input,
  integerBound,
  ok,
  problem,
  route,
  Route,
  timeBound,
  type Answer,
  type InputOf,
} from '@strata/http';
import { DiskId, ProjectId } from '@strata/kernel';
import { listRoutes, Lists, readStream, type List } from '@strata/projects';
import { z } from 'zod';
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
      'cloud.id': text,
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
  summary: 'One disk',
  description: 'Folded from its stream, so that it is always current. A deleted disk is `404`; `asOf` still shows it.',
  tag: 'disks',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId, diskId: DiskId }),
  query: asOfQuery,
  answers: { 200: DiskResource },
});

const disks: List<DiskRow> = {
  view: disksView,
  columns: { 'cloud.id': 'cloudId' },
  show: (rows, { isPast }) => rows.map(({ doc }) => (isPast ? showDiskThen(doc) : showDisk(doc, Date.now()))),
  written: 'shown',
};

@Controller()
export class DisksController {
  constructor(
    private readonly store: EventStore,
    private readonly lists: Lists,
  ) {}

  @Route(listDisks.ofAll)
  list(@Input() input: InputOf<typeof listDisks.ofAll>): Promise<Answer> {
    return this.lists.ofAll(disks, input);
  }

  @Route(listDisks.ofProject)
  listOfProject(@Input() input: InputOf<typeof listDisks.ofProject>): Promise<Answer> {
    return this.lists.ofProject(disks, input);
  }

  @Route(getDisk)
  async get(@Input() input: InputOf<typeof getDisk>): Promise<Answer> {
    const { projectId, diskId } = input.params;
    const { stream, position } = await readStream(this.store, input, diskStream(diskId));
    const record = recordOf(stream?.events ?? []);
    if (record?.disk.projectId !== projectId) throw problem('not-found');
    const disk = input.query.asOf === undefined ? showDisk(record, Date.now()) : showDiskThen(record);
    return ok(disk, { etag: record.version, position });
  }
}
