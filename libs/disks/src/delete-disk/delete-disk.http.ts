import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { Input, route, Route, type Answer, type InputOf } from '@strata/http';
import { operationAnswers, OperationAnswers } from '@strata/operations';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { deleteDisk } from './delete-disk.js';

const declaration = route({
  method: 'DELETE',
  path: '/v1/projects/:projectId/disks/:diskId',
  operationId: 'deleteDisk',
  summary: 'Delete a disk',
  description:
    'It cannot be recovered. The disk stays listed and charged, as being released, until its absence was observed; one of which nothing is in the cloud is gone at once.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  answers: operationAnswers,
  problems: [...diskCommandProblems, 'disk-attached', 'has-snapshots'],
});

@Controller()
export class DeleteDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async delete(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await deleteDisk({ store, ledger }, input, input.params);
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
