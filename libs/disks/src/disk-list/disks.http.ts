import { Controller } from '@nestjs/common';
import { EventStore, ViewStore, type ViewValue } from '@strata/event-store';
import {
  asOfParameter,
  Cursors,
  Input,
  integerBound,
  listQuery,
  ok,
  problem,
  route,
  Route,
  timeBound,
  type Answer,
  type InputOf,
} from '@strata/http';
import { DiskId, ProjectId } from '@strata/kernel';
import { requireProject } from '@strata/operations';
import { readPage, readStream } from '@strata/projects';
import { z } from 'zod';
import { diskStream } from '../disk/disk.stream.js';
import { recordOf } from '../disk.record.js';
import { DiskStatus } from '../disk/index.js';
import { DiskResource, showDisk } from '../disk.resource.js';
import { disksView } from './disks.projection.js';

const text = z.string().max(255);
const filters = {
  id: DiskId,
  name: text,
  description: text,
  sizeGiB: integerBound,
  type: text,
  availabilityZone: text,
  status: DiskStatus,
  'cloud.id': text,
};
const listed = {
  sorts: ['createdAt', 'updatedAt', 'name', 'sizeGiB', 'type', 'availabilityZone', 'status'],
  ranges: { sizeGiB: integerBound, createdAt: timeBound, updatedAt: timeBound },
  tags: true,
  asOf: true,
} as const;
const columns = { id: 'key', 'cloud.id': 'cloudId' };
const answers = { 200: z.strictObject({ items: z.array(DiskResource), nextCursor: z.string().nullable() }) };

const listDisks = route({
  method: 'GET',
  path: '/v1/disks',
  operationId: 'listDisks',
  summary: 'The disks of all projects that the caller may view',
  tag: 'disks',
  access: 'authenticated',
  query: listQuery({ ...listed, filters: { ...filters, projectId: ProjectId } }),
  answers,
});

const listDisksOfProject = route({
  method: 'GET',
  path: '/v1/projects/:projectId/disks',
  operationId: 'listDisksOfProject',
  summary: 'The disks of a project',
  tag: 'disks',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  query: listQuery({ ...listed, filters }),
  answers,
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
  query: z.strictObject({ asOf: asOfParameter.optional() }),
  answers: { 200: DiskResource },
});

@Controller()
export class DisksController {
  constructor(
    private readonly store: EventStore,
    private readonly views: ViewStore,
    private readonly cursors: Cursors,
  ) {}

  @Route(listDisks)
  list(@Input() input: InputOf<typeof listDisks>): Promise<Answer> {
    return this.page(input, {});
  }

  @Route(listDisksOfProject)
  async listOfProject(@Input() input: InputOf<typeof listDisksOfProject>): Promise<Answer> {
    const { projectId } = input.params;
    await requireProject(this.store, input.caller, projectId);
    return this.page(input, { projectId: [projectId] });
  }

  @Route(getDisk)
  async get(@Input() input: InputOf<typeof getDisk>): Promise<Answer> {
    const { projectId, diskId } = input.params;
    const { stream, position } = await readStream(this.store, input, diskStream(diskId));
    const record = recordOf(stream?.events ?? []);
    if (record?.disk.projectId !== projectId) throw problem('not-found');
    return ok(showDisk(record), { etag: record.version, position });
  }

  private async page(
    input: InputOf<typeof listDisks> | InputOf<typeof listDisksOfProject>,
    where: Readonly<Record<string, readonly ViewValue[]>>,
  ): Promise<Answer> {
    const { store, views, cursors } = this;
    const { rows, nextCursor, position } = await readPage({ store, views, cursors }, disksView, input, where, columns);
    return ok({ items: rows.map(({ doc }) => showDisk(doc)), nextCursor }, { position });
  }
}
