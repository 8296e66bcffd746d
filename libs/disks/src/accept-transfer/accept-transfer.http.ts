import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { z } from 'zod';
import { refusalsOfDisks } from '../disk.problems.js';
import { TransferCode } from '../transfers/transfer-code.js';
import { transferParams } from '../transfers/transfer-route.js';
import { transferProblems } from '../transfers/transfer.problems.js';
import { acceptTransfer } from './accept-transfer.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/transfers/:transferId/accept',
  operationId: 'acceptTransfer',
  summary: 'Accept a disk that another project offers',
  description:
    'The project is the one that receives; the transfer is that of the project that gives, and `code` what was told there ' +
    'when the disk was offered. The disk keeps its id; it counts here from then on. Between projects of one cloud project that is ' +
    'done at once. In another cloud project of the same cloud the disk is brought there first: until then it is promised here and ' +
    'on its way out there, and counts twice where both projects lie below. Without the right code there is no such transfer (`404`).',
  tag: 'transfers',
  access: 'authenticated',
  params: transferParams,
  body: z.strictObject({ code: TransferCode }),
  answers: operationAnswers,
  problems: [
    'forbidden',
    'project-without-cloud',
    'transfer-within-project',
    'transfer-between-clouds',
    'transfer-not-ready',
    'quota-exceeded',
    'cloud-quota-exceeded',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class AcceptTransferController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async accept(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await acceptTransfer({ store, ledger }, input, { ...input.params, ...input.body });
    return this.answers.answer(input, executed, { ...refusalsOfDisks, ...transferProblems });
  }
}
