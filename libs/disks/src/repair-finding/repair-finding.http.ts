import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger, ViewStore } from '@strata/event-store';
import { problem, route, type Answer, type Caller, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId, FindingId } from '@strata/kernel';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { refusalsOfProjects, seesEverything, sightOf } from '@strata/projects';
import { z } from 'zod';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { findingParams } from '../findings/finding-address.js';
import { findingProblems } from '../findings/findings.problems.js';
import { findingsView, type FindingRow } from '../findings/findings.projection.js';
import { repairFinding } from './repair-finding.js';

const common = {
  method: 'POST',
  tag: 'findings',
  access: 'authenticated',
  answers: operationAnswers,
  problems: [
    ...diskCommandProblems,
    'finding-resolved',
    'finding-not-repairable',
    'too-many-tags',
    'metadata-too-large',
  ],
} as const;

const description =
  'Name, description, tags and metadata are written to the cloud as they were before somebody else changed them; what was changed ' +
  'through Strata since stays. It is a change of the disk as any other. What cannot be written back (size, type, state) is left ' +
  'as the cloud has it; where there is nothing else, it is refused. `left` in the `plan` of `validateOnly` tells it.';

const ofDisk = route({
  ...common,
  path: '/v1/projects/:projectId/disks/:diskId/findings/:findingId/repair',
  operationId: 'repairFindingOfDisk',
  summary: 'Write back what somebody else changed of a disk',
  description,
  params: z.strictObject({ ...diskParams.shape, findingId: FindingId }),
});

const ofBinding = route({
  ...common,
  path: '/v1/bindings/:bindingId/findings/:findingId/repair',
  operationId: 'repairFinding',
  summary: 'Write back what somebody else changed of a disk',
  description: `${description} For platform-admin.`,
  params: findingParams,
});

type Asked = InputOf<typeof ofDisk> | InputOf<typeof ofBinding>;

@Controller()
export class RepairFindingController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly views: ViewStore,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(ofDisk)
  async ofDisk(@Input() input: InputOf<typeof ofDisk>): Promise<Answer> {
    const { projectId, diskId, findingId } = input.params;
    const row = await this.find(input.caller, findingId);
    if (row.diskId !== diskId || row.doc.projectId !== projectId) throw problem('not-found');
    return this.repair(input, row);
  }

  @Route(ofBinding)
  async ofBinding(@Input() input: InputOf<typeof ofBinding>): Promise<Answer> {
    const { bindingId, findingId } = input.params;
    if (!seesEverything(input.caller)) throw problem('not-found');
    const row = await this.find(input.caller, findingId);
    if (row.bindingId !== bindingId) throw problem('not-found');
    return this.repair(input, row);
  }

  /** Whoever names a finding has read it in the view; what it is now is told by its stream. */
  private async find(caller: Caller, findingId: FindingId): Promise<FindingRow> {
    const found = await this.views.get({ view: findingsView, sight: sightOf(caller), key: findingId });
    if (found === undefined) throw problem('not-found');
    return found.row;
  }

  private async repair(input: Asked, { bindingId, cloudId, doc }: FindingRow): Promise<Answer> {
    const { store, ledger } = this;
    const { id: findingId, projectId, diskId, resource } = doc;
    const place = { findingId, bindingId: BindingId.parse(bindingId), cloudId };
    // A snapshot's names the disk that it was taken of.
    const found = { ...place, projectId, diskId: resource === 'disk' ? diskId : null };
    const executed = await repairFinding({ store, ledger }, input, found);
    return this.answers.answer(input, executed, { ...refusalsOfProjects, ...refusalsOfDisks, ...findingProblems });
  }
}
