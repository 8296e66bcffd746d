import { Controller } from '@nestjs/common';
import { EventStore, ViewStore } from '@strata/event-store';
import { asOfQuery, listQuery, ok, pageOf, problem, route, timeBound, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId, DiskId, FindingId, ProjectId, SnapshotId } from '@strata/kernel';
import { readBinding, readStream, bindingStream, seesEverything, sightOf } from '@strata/projects';
import { Lists, type List } from '@strata/projects/http';
import { z } from 'zod';
import { diskParams } from '../disk-route.js';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { FindingKind } from '../finding/index.js';
import { findingParams, placeOf } from './finding-address.js';
import { FindingResource, FindingStatus, FindingSubject, showFinding } from './finding.resource.js';
import { findingIn, findingsView, upToDate, type FindingRow } from './findings.projection.js';

const query = {
  sorts: ['firstSeenAt', 'lastSeenAt', 'kind', 'status'],
  filters: {
    id: FindingId,
    kind: FindingKind,
    status: FindingStatus,
    resource: FindingSubject,
    snapshotId: SnapshotId,
    'cloud.id': z.string().max(255),
  },
  ranges: { firstSeenAt: timeBound, lastSeenAt: timeBound },
  asOf: true,
} as const;

const common = {
  method: 'GET',
  tag: 'findings',
  access: 'authenticated',
  answers: { 200: pageOf(FindingResource) },
} as const;

const ofBinding = route({
  ...common,
  path: '/v1/bindings/:bindingId/findings',
  operationId: 'listFindingsOfBinding',
  summary: 'What sweeps of a binding found',
  description:
    'Where the cloud is not as the log says. What a later sweep saw in order is `resolved`. `lastSeenAt` is when there was ' +
    'news of it last: what is seen again unchanged is none. For platform-admin and auditor.',
  params: z.strictObject({ bindingId: BindingId }),
  query: listQuery({ ...query, filters: { ...query.filters, projectId: ProjectId, diskId: DiskId } }),
});

const ofDisk = route({
  ...common,
  path: '/v1/projects/:projectId/disks/:diskId/findings',
  operationId: 'listFindingsOfDisk',
  summary: 'What sweeps found of a disk and of its snapshots',
  description: 'Where the cloud was not as the log said. What a later sweep saw in order is `resolved`.',
  params: diskParams,
  query: listQuery(query),
});

const one = route({
  ...common,
  path: '/v1/bindings/:bindingId/findings/:findingId',
  operationId: 'getFinding',
  versioned: true,
  summary: 'One finding',
  description: 'Folded from its stream, so that it is always current. For platform-admin and auditor.',
  params: findingParams,
  query: asOfQuery,
  answers: { 200: FindingResource },
});

const findings: List<FindingRow> = {
  view: findingsView,
  columns: { 'cloud.id': 'cloudId' },
  show: (rows) => rows.map(({ doc }) => showFinding(upToDate(doc))),
};

@Controller()
export class FindingsController {
  constructor(
    private readonly store: EventStore,
    private readonly views: ViewStore,
    private readonly lists: Lists,
  ) {}

  @Route(one)
  async get(@Input() input: InputOf<typeof one>): Promise<Answer> {
    const place = await placeOf(this.views, input.caller, input.params);
    const { stream, position } = await readStream(this.store, input, place.stream);
    const record = findingIn(stream?.events ?? [], input.params.findingId);
    if (record === undefined) throw problem('not-found');
    return ok(showFinding(record), { etag: stream?.version, position });
  }

  @Route(ofBinding)
  async listOfBinding(@Input() input: InputOf<typeof ofBinding>): Promise<Answer> {
    const { bindingId } = input.params;
    if (!seesEverything(input.caller)) throw problem('not-found');
    const { streams } = await this.store.load({ sight: sightOf(input.caller), streams: [bindingStream(bindingId)] });
    if (readBinding(bindingId, streams[0]) === undefined) throw problem('not-found');
    return this.lists.within(findings, input, { bindingId: [bindingId] });
  }

  @Route(ofDisk)
  async listOfDisk(@Input() input: InputOf<typeof ofDisk>): Promise<Answer> {
    const { projectId, diskId } = input.params;
    const { streams } = await this.store.load({ sight: sightOf(input.caller), streams: [diskStream(diskId)] });
    const disk = streams[0] && diskOf(streams[0]);
    if (disk === undefined || disk.life === 'absent' || disk.projectId !== projectId) throw problem('not-found');
    return this.lists.within(findings, input, { diskId: [diskId], projectId: [projectId] });
  }
}
