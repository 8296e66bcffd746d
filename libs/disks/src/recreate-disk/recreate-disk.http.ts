import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { Admission } from '../cloud-catalogue/admission-desk.js';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { recreateDisk } from './recreate-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/recreate',
  operationId: 'recreateDisk',
  summary: 'Make a disk anew that is gone from the cloud',
  description:
    'An empty disk of the same name, size, type, zone and labels takes its place, under the same id; what was on it is lost. Only ' +
    'for a disk that a sweep or a refresh found missing. It counts as a create, in place of the one that is gone.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  answers: operationAnswers,
  problems: [
    ...diskCommandProblems,
    'made-from-source',
    'has-snapshots',
    'availability-zone-unknown',
    'availability-zone-unavailable',
    'disk-type-unknown',
    'disk-type-not-offered',
    'disk-type-sold-out',
    'quota-exceeded',
    'cloud-quota-exceeded',
  ],
});

@Controller()
export class RecreateDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly admission: Admission,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async recreate(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, admission } = this;
    const executed = await recreateDisk({ store, ledger, admission }, input, input.params);
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
