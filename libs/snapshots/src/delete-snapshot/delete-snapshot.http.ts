import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { snapshotCommandProblems, snapshotParams } from '../snapshot-route.js';
import { refusalsOfSnapshots } from '../snapshot.problems.js';
import { deleteSnapshot } from './delete-snapshot.js';

const declaration = route({
  method: 'DELETE',
  path: '/v1/projects/:projectId/snapshots/:snapshotId',
  operationId: 'deleteSnapshot',
  summary: 'Delete a snapshot',
  description:
    'It cannot be recovered. It stays listed and charged, as being released, until its absence was observed; one of which ' +
    'nothing is in the cloud is gone at once. Disks made from it stay as they are. While the type of its disk is changed, ' +
    'it is not deleted.',
  tag: 'snapshots',
  access: 'authenticated',
  params: snapshotParams,
  answers: operationAnswers,
  problems: [...snapshotCommandProblems, 'snapshot-in-use', 'snapshot-stuck', 'disk-busy'],
});

@Controller()
export class DeleteSnapshotController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async delete(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await deleteSnapshot({ store, ledger }, input, input.params);
    return this.answers.answer(input, executed, refusalsOfSnapshots);
  }
}
