import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { z } from 'zod';
import { Admission } from '../cloud-catalogue/admission-desk.js';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { SizeGiB } from '../disk.schemas.js';
import { extendDisk } from './extend-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/extend',
  operationId: 'extendDisk',
  summary: 'Make a disk larger',
  description:
    'The difference is charged. A disk can be in use meanwhile, unless it is shareable. No disk ever shrinks.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  body: z.strictObject({ sizeGiB: SizeGiB }),
  answers: operationAnswers,
  problems: [...diskCommandProblems, 'size-not-larger', 'disk-too-large', 'quota-exceeded', 'cloud-quota-exceeded'],
});

@Controller()
export class ExtendDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly admission: Admission,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async extend(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, admission } = this;
    const wanted = { ...input.params, ...input.body };
    const executed = await extendDisk({ store, ledger, admission }, input, wanted);
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
