import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { refreshDisk } from './refresh-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/refresh',
  operationId: 'refreshDisk',
  summary: 'Look at a disk in the cloud',
  description: 'Takes over what was changed there: size, type, state, attachments, labels. Its charges follow.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  answers: operationAnswers,
  problems: [...diskCommandProblems],
});

@Controller()
export class RefreshDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async refresh(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await refreshDisk({ store, ledger }, input, input.params);
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
