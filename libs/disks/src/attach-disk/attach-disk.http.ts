import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { BindingOffers } from '@strata/projects/http';
import { z } from 'zod';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { Device, ServerId } from '../disk.schemas.js';
import { attachDisk } from './attach-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/attach',
  operationId: 'attachDisk',
  summary: 'Attach a disk to a server',
  description:
    'Disk and server must be in the same zone. A shareable disk can be attached to 16 servers, any other to one; `device` is ' +
    'a wish that the server may answer with another name.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  body: z.strictObject({ serverId: ServerId, device: Device.optional() }),
  answers: operationAnswers,
  problems: [...diskCommandProblems, 'disk-attached', 'attach-not-offered', 'already-attached', 'too-many-servers'],
});

@Controller()
export class AttachDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
    private readonly offers: BindingOffers,
  ) {}

  @Route(declaration)
  async attach(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, offers } = this;
    const executed = await attachDisk({ store, ledger, offers }, input, { ...input.params, ...input.body });
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
