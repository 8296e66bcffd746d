import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { KindRegistry, operationProblems } from '@strata/operations';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { undeleteDisk } from './undelete-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/undelete',
  operationId: 'undeleteDisk',
  summary: 'Have a deleted disk back',
  description:
    'As long as its deletion has not reached the cloud: before `deletesAt`. It is the same as cancelling the operation of the ' +
    'deletion, which is the answer; what would have been deleted before the disk is kept as well.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  answers: operationAnswers,
  problems: [...diskCommandProblems, 'not-cancellable'],
});

@Controller()
export class UndeleteDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly kinds: KindRegistry,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async undelete(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, kinds } = this;
    const executed = await undeleteDisk({ store, ledger, kinds }, input, input.params);
    return this.answers.answer(input, executed, { ...operationProblems, ...refusalsOfDisks });
  }
}
