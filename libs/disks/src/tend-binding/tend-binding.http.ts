import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId, OperationId } from '@strata/kernel';
import { executeOperation, planOperation } from '@strata/operations';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { bindingStream, foldBinding, nodeOf, planRefused, refusalsOfProjects, seesEverything } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { z } from 'zod';

const common = {
  method: 'POST',
  tag: 'bindings',
  access: 'authenticated',
  params: z.strictObject({ bindingId: BindingId }),
  answers: operationAnswers,
  problems: ['concurrent-change'],
} as const;

const check = route({
  ...common,
  path: '/v1/bindings/:bindingId/check',
  operationId: 'checkBinding',
  summary: 'See whether the cloud of a binding can be reached with its credentials',
  description: 'For platform-admin.',
});

const sweep = route({
  ...common,
  path: '/v1/bindings/:bindingId/sweep',
  operationId: 'sweepBinding',
  summary: 'Compare the cloud of a binding with the log, now',
  description:
    'What changed or went missing is recorded, surplus of our own is removed, what is not ours is counted and left alone. ' +
    'The figures are the result of the operation. For platform-admin.',
});

@Controller()
export class TendBindingController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(check)
  check(@Input() input: InputOf<typeof check>): Promise<Answer> {
    return this.tend('binding.check', input, input.params.bindingId);
  }

  @Route(sweep)
  sweep(@Input() input: InputOf<typeof sweep>): Promise<Answer> {
    return this.tend('binding.sweep', input, input.params.bindingId);
  }

  /** The operation belongs to the binding's own node: seen by those who see everything. */
  private async tend(
    kind: string,
    input: InputOf<typeof check> | InputOf<typeof sweep>,
    bindingId: BindingId,
  ): Promise<Answer> {
    const { store, ledger } = this;
    const operationId = OperationId.parse(newId());
    const executed = seesEverything(input.caller)
      ? await executeOperation({ store, ledger }, input, {
          role: 'platform-admin',
          streams: [bindingStream(bindingId)],
          decide: ({ streams: [stream] }) =>
            foldBinding(stream).status === 'live'
              ? planOperation({
                  operationId,
                  kind,
                  projectId: nodeOf(bindingId),
                  bindingId,
                  target: { type: 'binding', id: bindingId },
                  input: {},
                  resources: [],
                })
              : planRefused({ type: 'not-found' as const }),
        })
      : ({ executed: { status: 'refused', refusal: { type: 'not-found' } }, requested: undefined } as const);
    return this.answers.answer(input, executed, refusalsOfProjects);
  }
}
