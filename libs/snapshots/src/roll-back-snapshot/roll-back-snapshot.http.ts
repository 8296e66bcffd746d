import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { BindingOffers } from '@strata/projects/http';
import { snapshotCommandProblems, snapshotParams } from '../snapshot-route.js';
import { refusalsOfSnapshots } from '../snapshot.problems.js';
import { rollBackSnapshot } from './roll-back-snapshot.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/snapshots/:snapshotId/rollback',
  operationId: 'rollBackSnapshot',
  summary: 'Roll the disk of a snapshot back to it',
  description:
    'What was written to the disk since is lost. The disk is attached to nothing. It is asked of the cloud once: when the ' +
    'answer is lost and no look shows it at work, the operation fails with `outcome-unknown` and the disk is `unknown` until ' +
    'it is refreshed; whether to try again is your choice. Where the binding says ' +
    'that its cloud has no such call it is refused with `rollback-not-offered`; a cloud that lacks it all the same fails it so.',
  tag: 'snapshots',
  access: 'authenticated',
  params: snapshotParams,
  answers: operationAnswers,
  problems: [...snapshotCommandProblems, 'snapshot-in-use', 'rollback-not-offered', 'disk-busy', 'disk-not-ready'],
});

@Controller()
export class RollBackSnapshotController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
    private readonly offers: BindingOffers,
  ) {}

  @Route(declaration)
  async rollBack(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, offers } = this;
    const executed = await rollBackSnapshot({ store, ledger, offers }, input, input.params);
    return this.answers.answer(input, executed, refusalsOfSnapshots);
  }
}
