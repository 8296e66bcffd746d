import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { booleanParameter, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { z } from 'zod';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDeletion } from '../disk.problems.js';
import { deleteDisk } from './delete-disk.js';
import { DiskDependents } from './disk-dependents.js';

const declaration = route({
  method: 'DELETE',
  path: '/v1/projects/:projectId/disks/:diskId',
  operationId: 'deleteDisk',
  summary: 'Delete a disk',
  description:
    'It cannot be recovered. The disk stays listed and charged, as being released, until its absence was observed; one of which ' +
    'nothing is in the cloud is gone at once. `cascade=true` deletes its snapshots first, one after the other, and then the disk, ' +
    'as one operation with a part for each; when a part fails, nothing after it is begun. `validateOnly=true` answers the ' +
    'ordered plan with its `planHash`; who sends that back is refused with `plan-changed` when it would be another plan. A disk ' +
    'that is attached is not detached by it. In a project with `graceHours` the operation waits for so long (`waitingFor: window`) ' +
    'before anything is asked of the cloud; until then the disk is kept, charged, and can be had back.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  query: z.strictObject({
    cascade: booleanParameter.default(false),
    planHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a planHash as a plan has it')
      .optional(),
  }),
  answers: operationAnswers,
  problems: [
    ...diskCommandProblems,
    'disk-attached',
    'deletion-locked',
    'has-snapshots',
    'snapshot-stuck',
    'plan-changed',
    'snapshots-not-deletable',
  ],
});

@Controller()
export class DeleteDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
    private readonly dependents: DiskDependents,
  ) {}

  @Route(declaration)
  async delete(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, dependents } = this;
    const { cascade, planHash } = input.query;
    const deletion = { ...input.params, cascade, planHash };
    const executed = await deleteDisk({ store, ledger, dependents }, input, deletion);
    return this.answers.answer(input, executed, refusalsOfDeletion);
  }
}
