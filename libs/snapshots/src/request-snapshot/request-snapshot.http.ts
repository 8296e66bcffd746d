import { Controller } from '@nestjs/common';
import { Description, Metadata } from '@strata/disks';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { Input, route, Route, type Answer, type InputOf } from '@strata/http';
import { DiskId, ProjectId } from '@strata/kernel';
import { operationAnswers, OperationAnswers } from '@strata/operations';
import { z } from 'zod';
import { refusalsOfSnapshots } from '../snapshot.problems.js';
import { SnapshotName } from '../snapshot.schemas.js';
import { requestSnapshot } from './request-snapshot.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/snapshots',
  operationId: 'requestSnapshot',
  summary: 'Take a snapshot of a disk',
  description:
    'The disk is available or in use, and has nothing else done to it meanwhile. It counts as one snapshot and with the size ' +
    'of its disk. `force` passes the word to the cloud, which is told by itself when the disk is attached.',
  tag: 'snapshots',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  body: z.strictObject({
    diskId: DiskId,
    name: SnapshotName,
    description: Description.default(''),
    force: z.boolean().default(false),
    metadata: Metadata.default({}),
  }),
  answers: operationAnswers,
  problems: [
    'forbidden',
    'disk-busy',
    'disk-not-ready',
    'too-many-snapshots',
    'quota-exceeded',
    'cloud-quota-exceeded',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class RequestSnapshotController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async request(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const { diskId, force, ...spec } = input.body;
    const wanted = { projectId: input.params.projectId, diskId, spec, force };
    const executed = await requestSnapshot({ store, ledger }, input, wanted);
    return this.answers.answer(input, executed, refusalsOfSnapshots);
  }
}
