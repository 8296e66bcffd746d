import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { z } from 'zod';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { ChangedName, Description, MetadataPatch, TagsPatch } from '../disk.schemas.js';
import { changeDisk } from './change-disk.js';

const declaration = route({
  method: 'PATCH',
  path: '/v1/projects/:projectId/disks/:diskId',
  operationId: 'changeDisk',
  summary: 'Rename or describe a disk, change its tags, metadata and flags',
  description:
    'A JSON merge patch (RFC 7396): `null` removes, `tags` and `metadata` merge by key. A patch that changes nothing ' +
    'succeeds at once. `bootable` does not make a system disk of a data disk; `readOnly` is for servers that heed it.',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
  body: z.strictObject({
    name: ChangedName.optional(),
    description: Description.nullable().optional(),
    tags: TagsPatch.nullable().optional(),
    metadata: MetadataPatch.nullable().optional(),
    bootable: z.boolean().optional(),
    readOnly: z.boolean().optional(),
  }),
  answers: operationAnswers,
  problems: [...diskCommandProblems, 'too-many-tags', 'metadata-too-large'],
});

@Controller()
export class ChangeDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async change(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await changeDisk({ store, ledger }, input, { ...input.params, patch: input.body });
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
