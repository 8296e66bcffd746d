import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { noContent, platformProblems, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { answered, Verdict } from '@strata/projects';
import { transferParams } from '../transfers/transfer-route.js';
import { transferProblems } from '../transfers/transfer.problems.js';
import { withdrawTransfer } from './withdraw-transfer.js';

const declaration = route({
  method: 'DELETE',
  path: '/v1/projects/:projectId/transfers/:transferId',
  operationId: 'withdrawTransfer',
  summary: 'Take an offer back',
  description:
    'The disk is as it was before. The transfer is still shown, as `withdrawn`. Refused while the cloud brings the disk over.',
  tag: 'transfers',
  access: 'authenticated',
  params: transferParams,
  answers: { 204: null, 200: Verdict },
  problems: [
    'forbidden',
    'transfer-ended',
    'transfer-under-way',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class WithdrawTransferController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
  ) {}

  @Route(declaration)
  async withdraw(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await withdrawTransfer({ store, ledger }, input, input.params);
    const problems = { ...transferProblems, 'not-found': platformProblems['not-found'] };
    return answered(executed, problems, ({ position, replayed }) => noContent({ position, replayed }));
  }
}
