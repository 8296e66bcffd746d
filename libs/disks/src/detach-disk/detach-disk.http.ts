import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { BindingOffers } from '@strata/projects/http';
import { z } from 'zod';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { ServerId } from '../disk.schemas.js';
import { detachDisk } from './detach-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/detach',
  operationId: 'detachDisk',
  summary: 'Detach a disk from a server',
  description:
    'Unmount it there first: nothing asks the system in the server. A system disk can be detached from a stopped server only.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  body: z.strictObject({ serverId: ServerId }),
  answers: operationAnswers,
  problems: [...diskCommandProblems, 'attach-not-offered', 'not-attached'],
});

@Controller()
export class DetachDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
    private readonly offers: BindingOffers,
  ) {}

  @Route(declaration)
  async detach(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, offers } = this;
    const executed = await detachDisk({ store, ledger, offers }, input, { ...input.params, ...input.body });
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
