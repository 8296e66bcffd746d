import { Controller } from '@nestjs/common';
import { Description, Metadata } from '@strata/disks';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { DiskId, ProjectId } from '@strata/kernel';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import { z } from 'zod';
import { refusalsOfSnapshots } from '../snapshot.problems.js';
import { SnapshotName } from '../snapshot.schemas.js';
import { requestGroupSnapshot } from './request-group-snapshot.js';
import { requestSnapshot } from './request-snapshot.js';

/** Of one group. */
const MOST_DISKS = 50;

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/snapshots',
  operationId: 'requestSnapshot',
  summary: 'Take a snapshot of a disk, or of several at once',
  description:
    'The disk is available or in use, and has nothing else done to it meanwhile. It counts as one snapshot and with the size ' +
    'of its disk. `force` passes the word to the cloud, which is told by itself when the disk is attached. `diskIds` instead of ' +
    '`diskId` takes one of each as one operation, all accepted or none; `skewMs` of its result is the time between the first and ' +
    'the last as the cloud tells it. They are not consistent with each other: what is written to the disks meanwhile may be in ' +
    'one and not in another.',
  tag: 'snapshots',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  body: z
    .strictObject({
      diskId: DiskId.optional(),
      diskIds: z
        .array(DiskId)
        .min(1)
        .max(MOST_DISKS)
        .refine((ids) => new Set(ids).size === ids.length, 'must name each disk once')
        .optional(),
      name: SnapshotName,
      description: Description.default(''),
      force: z.boolean().default(false),
      metadata: Metadata.default({}),
    })
    .superRefine(({ diskId, diskIds }, { addIssue }) => {
      const fault = (member: string, message: string) => addIssue({ code: 'custom', path: [member], message });
      if (diskId === undefined && diskIds === undefined) fault('diskId', 'is required, or diskIds instead of it');
      if (diskId === undefined || diskIds === undefined) return;
      fault('diskId', 'must not be given together with diskIds');
      fault('diskIds', 'must not be given together with diskId');
    }),
  answers: operationAnswers,
  problems: [
    'forbidden',
    'disk-busy',
    'disk-not-ready',
    'too-many-snapshots',
    'quota-exceeded',
    'cloud-quota-exceeded',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class RequestSnapshotController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async request(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const { diskId, diskIds = [], force, ...spec } = input.body;
    const wanted = { projectId: input.params.projectId, spec, force };
    const executed =
      diskId === undefined
        ? await requestGroupSnapshot({ store, ledger }, input, { ...wanted, diskIds })
        : await requestSnapshot({ store, ledger }, input, { ...wanted, diskId });
    return this.answers.answer(input, executed, refusalsOfSnapshots);
  }
}
