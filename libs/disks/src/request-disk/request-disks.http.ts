import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ProjectId } from '@strata/kernel';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { CloudKinds } from '@strata/projects/http';
import { z } from 'zod';
import { Admission } from '../cloud-catalogue/admission-desk.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { NewDisks, specOf } from './new-disks.schema.js';
import { requestDisks } from './request-disks.js';
import { SnapshotSource } from './snapshot-source.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks',
  operationId: 'requestDisks',
  summary: 'Request a disk, or as many as a hundred at once',
  description:
    'A blank data disk, or one made of a snapshot or an image. One from a snapshot has its type, its zone and at least its size; ' +
    'one from an image is a system disk where the image is one. Many are named `<name>-0001` and so on; all of them are charged ' +
    'or none, and the one operation that is answered follows them all.',
  tag: 'disks',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  body: NewDisks,
  answers: operationAnswers,
  problems: [
    'forbidden',
    'project-without-cloud',
    'availability-zone-unknown',
    'availability-zone-unavailable',
    'disk-type-unknown',
    'disk-type-not-offered',
    'disk-type-sold-out',
    'snapshot-busy',
    'snapshot-not-ready',
    'snapshot-does-not-fit',
    'image-unknown',
    'image-not-ready',
    'image-does-not-fit',
    'metadata-too-large',
    'quota-exceeded',
    'cloud-quota-exceeded',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class RequestDisksController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly admission: Admission,
    private readonly snapshots: SnapshotSource,
    private readonly kinds: CloudKinds,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async request(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, admission, snapshots, kinds } = this;
    const { count, ...asked } = input.body;
    const wanted = { projectId: input.params.projectId, spec: specOf(asked), count };
    const executed = await requestDisks({ store, ledger, admission, snapshots, kinds }, input, wanted);
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
