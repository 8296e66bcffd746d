import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { KindRegistry } from '../kind-registry.js';
import { refusalsOfOperations } from '../operation.problems.js';
import { operationCommandProblems, operationParams } from '../operation-route.js';
import { operationAnswers, OperationAnswers } from '../request-operation/operation-answers.js';
import { cancelOperation } from './cancel-operation.js';

const declaration = route({
  method: 'POST',
  path: '/v1/operations/:operationId/cancel',
  operationId: 'cancelOperation',
  summary: 'Cancel an operation',
  description:
    'At once while it is queued, else at its next safe point: read `cancelability` beforehand and `status` afterwards. Of a ' +
    'batch, every part is cancelled that still can be.',
  tag: 'operations',
  access: 'authenticated',
  params: operationParams,
  answers: operationAnswers,
  problems: [...operationCommandProblems, 'not-cancellable'],
});

@Controller()
export class CancelOperationController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly kinds: KindRegistry,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async cancel(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, kinds } = this;
    const executed = await cancelOperation({ store, ledger, kinds }, input, input.params.operationId);
    return this.answers.answer(input, executed, refusalsOfOperations);
  }
}
