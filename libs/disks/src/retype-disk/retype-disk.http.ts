import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { CloudKinds } from '@strata/projects/http';
import { z } from 'zod';
import { Admission } from '../cloud-catalogue/admission-desk.js';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { DiskType } from '../disk.schemas.js';
import { retypeDisk } from './retype-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/retype',
  operationId: 'retypeDisk',
  summary: 'Change the type of a disk',
  description:
    'The disk may be in use, and nothing else is done to it meanwhile. It can take hours, cannot be cancelled once the cloud ' +
    'has it, and may fail, which leaves the disk as it was. The new type is charged from the beginning, the old one until ' +
    'the end; the totals stay. Snapshots keep the type that they were taken of.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  body: z.strictObject({ type: DiskType }),
  answers: operationAnswers,
  problems: [
    ...diskCommandProblems,
    'disk-type-unchanged',
    'retype-not-possible',
    'snapshot-leaving',
    'disk-type-unknown',
    'disk-type-not-offered',
    'disk-type-sold-out',
    'quota-exceeded',
    'cloud-quota-exceeded',
  ],
});

@Controller()
export class RetypeDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly admission: Admission,
    private readonly kinds: CloudKinds,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async retype(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, admission, kinds } = this;
    const executed = await retypeDisk({ store, ledger, admission, kinds }, input, { ...input.params, ...input.body });
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
