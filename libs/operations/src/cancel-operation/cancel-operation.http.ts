import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { Input, problem, route, Route, type Answer, type InputOf } from '@strata/http';
import { OperationId } from '@strata/kernel';
import { sightOf } from '@strata/projects';
import { z } from 'zod';
import { KindRegistry } from '../kind-registry.js';
import { addressOf } from '../loaded-operation.js';
import { refusalsOfOperations } from '../operation.problems.js';
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
  params: z.strictObject({ operationId: OperationId }),
  answers: operationAnswers,
  problems: ['forbidden', 'not-cancellable', 'version-conflict', 'concurrent-change', 'idempotency-mismatch'],
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
    const address = await addressOf(store, kinds, sightOf(input.caller), input.params.operationId);
    if (!address) throw problem('not-found');
    const executed = await cancelOperation({ store, ledger, kinds }, input, address);
    return this.answers.answer(input, executed, refusalsOfOperations);
  }
}
