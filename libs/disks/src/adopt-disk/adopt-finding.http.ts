import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger, ViewStore } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ProjectId } from '@strata/kernel';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { refusalsOfProjects } from '@strata/projects';
import { CloudKinds } from '@strata/projects/http';
import { z } from 'zod';
import { refusalsOfDisks } from '../disk.problems.js';
import { ChangedName } from '../disk.schemas.js';
import { findingParams, placeOf } from '../findings/finding-address.js';
import { findingProblems } from '../findings/findings.problems.js';
import { adoptFinding } from './adopt-finding.js';

const declaration = route({
  method: 'POST',
  path: '/v1/bindings/:bindingId/findings/:findingId/adopt',
  operationId: 'adoptFinding',
  summary: 'Make a disk that Strata did not make one of a project',
  description:
    'The disk stays as it is, with its data and attachments; it is marked as Strata’s, and renamed if a `name` is given. It ' +
    'is charged to the project past its limits, too, as it is there already. From then on it is a disk like any other: those ' +
    'who may delete disks of the project may delete it. For platform-admin.',
  tag: 'findings',
  access: 'authenticated',
  params: findingParams,
  body: z.strictObject({
    projectId: ProjectId,
    name: ChangedName.optional(),
    /** Of a disk with the marker of another Strata. */
    replaceMarker: z.boolean().default(false),
  }),
  answers: operationAnswers,
  problems: [
    'forbidden',
    'finding-resolved',
    'finding-busy',
    'finding-not-adoptable',
    'removal-under-way',
    'carries-foreign-marker',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class AdoptFindingController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly views: ViewStore,
    private readonly kinds: CloudKinds,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async adopt(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, views, kinds } = this;
    const { stream, cloudId } = await placeOf(views, input.caller, input.params);
    const wanted = { ...input.params, ...input.body, stream, cloudId };
    const executed = await adoptFinding({ store, ledger, views, kinds }, input, wanted);
    return this.answers.answer(input, executed, { ...refusalsOfProjects, ...refusalsOfDisks, ...findingProblems });
  }
}
