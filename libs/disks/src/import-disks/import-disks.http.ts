import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger, ViewStore } from '@strata/event-store';
import { problem, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId, ProjectId } from '@strata/kernel';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { refusalsOfProjects, seesEverything } from '@strata/projects';
import { z } from 'zod';
import { Catalogue } from '../cloud-catalogue/cloud-catalogue.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { findingProblems } from '../findings/findings.problems.js';
import { importDisks } from './import-disks.js';
import { lastSweepOf } from './last-sweep.js';

const Text = z.string().max(255);

const Rule = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('tag'), key: Text.min(1), value: Text, projectId: ProjectId }),
  /** `*` stands for any characters, also for none. */
  z.strictObject({ by: z.literal('name'), pattern: Text.min(1), projectId: ProjectId }),
]);

const declaration = route({
  method: 'POST',
  path: '/v1/bindings/:bindingId/import',
  operationId: 'importDisks',
  summary: 'Adopt all disks of a cloud project that Strata did not make, each into the project that a rule names',
  description:
    'The first rule that fits a disk decides; what fits none goes to `default`, or is left. Which disks there are is told by ' +
    'the open findings of kind `unknown`: sweep first. With `?validateOnly=true` the plan: which disk goes where and by which ' +
    'rule, what is left, what the quota of each project comes to, and a `planHash`. With `planHash` only that plan is carried ' +
    'out. Limits refuse nothing: the disks are there already. A thousand disks at a time. For platform-admin.',
  tag: 'findings',
  access: 'authenticated',
  params: z.strictObject({ bindingId: BindingId }),
  body: z.strictObject({
    rules: z.array(Rule).max(100).default([]),
    default: z.union([z.literal('leave'), ProjectId], 'must be the id of a project, or leave').default('leave'),
    planHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be the planHash of a dry run')
      .optional(),
  }),
  answers: operationAnswers,
  problems: [
    'forbidden',
    'nothing-to-import',
    'plan-changed',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class ImportDisksController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly views: ViewStore,
    private readonly catalogue: Catalogue,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async import(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    if (!seesEverything(input.caller)) throw problem('not-found');
    const { store, ledger, views } = this;
    const { bindingId } = input.params;
    const sweep = await lastSweepOf(this.catalogue, bindingId);
    const wanted = { bindingId, ...input.body };
    const executed = await importDisks({ store, ledger, views }, input, wanted, sweep);
    return this.answers.answer(input, executed, { ...refusalsOfProjects, ...refusalsOfDisks, ...findingProblems });
  }
}
