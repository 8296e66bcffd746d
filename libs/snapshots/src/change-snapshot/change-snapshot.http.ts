import { Controller } from '@nestjs/common';
import { Description, MetadataPatch } from '@strata/disks';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { z } from 'zod';
import { snapshotCommandProblems, snapshotParams } from '../snapshot-route.js';
import { refusalsOfSnapshots } from '../snapshot.problems.js';
import { SnapshotName } from '../snapshot.schemas.js';
import { changeSnapshot } from './change-snapshot.js';

const declaration = route({
  method: 'PATCH',
  path: '/v1/projects/:projectId/snapshots/:snapshotId',
  operationId: 'changeSnapshot',
  summary: 'Rename or describe a snapshot, change its metadata',
  description:
    'A JSON merge patch (RFC 7396): `null` removes, `metadata` merges by key. A patch that changes nothing succeeds at once.',
  tag: 'snapshots',
  access: 'authenticated',
  params: snapshotParams,
  body: z.strictObject({
    name: SnapshotName.optional(),
    description: Description.nullable().optional(),
    metadata: MetadataPatch.nullable().optional(),
  }),
  answers: operationAnswers,
  problems: [...snapshotCommandProblems],
});

@Controller()
export class ChangeSnapshotController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async change(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await changeSnapshot({ store, ledger }, input, { ...input.params, patch: input.body });
    return this.answers.answer(input, executed, refusalsOfSnapshots);
  }
}
