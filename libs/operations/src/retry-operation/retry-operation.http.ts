import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { KindRegistry } from '../kind-registry.js';
import { refusalsOfOperations } from '../operation.problems.js';
import { operationCommandProblems, operationParams } from '../operation-route.js';
import { operationAnswers, OperationAnswers } from '../request-operation/operation-answers.js';
import { retryOperation } from './retry-operation.js';

const declaration = route({
  method: 'POST',
  path: '/v1/operations/:operationId/retry',
  operationId: 'retryOperation',
  summary: 'Try an operation again',
  description:
    'Terminal is terminal: it becomes a new operation with `retryOf`, once. Of a batch, what was cancelled or is ' +
    '`retryable` is tried again.',
  tag: 'operations',
  access: 'authenticated',
  params: operationParams,
  answers: operationAnswers,
  problems: [...operationCommandProblems, 'not-retryable', 'quota-exceeded', 'cloud-quota-exceeded'],
});

@Controller()
export class RetryOperationController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly kinds: KindRegistry,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async retry(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, kinds } = this;
    const executed = await retryOperation({ store, ledger, kinds }, input, input.params.operationId);
    return this.answers.answer(input, executed, { ...kinds.problems, ...refusalsOfOperations });
  }
}
