import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { Input, route, Route, type Answer, type InputOf } from '@strata/http';
import { ProjectId } from '@strata/kernel';
import { operationAnswers, OperationAnswers } from '@strata/operations';
import { z } from 'zod';
import { Admission } from '../cloud-catalogue/admission-desk.js';
import { refusalsOfDisks } from '../disk.problems.js';
import {
  Description,
  DiskName,
  DiskType,
  fitsBatch,
  KeyId,
  longestBatchNameBytes,
  Metadata,
  SizeGiB,
  Tags,
  ZoneName,
} from '../disk.schemas.js';
import { requestDisks } from './request-disks.js';

const NewDisks = z
  .strictObject({
    name: DiskName,
    sizeGiB: SizeGiB,
    type: DiskType,
    availabilityZone: ZoneName,
    description: Description.default(''),
    count: z.int().min(1).max(100).default(1),
    tags: Tags.default({}),
    metadata: Metadata.default({}),
    /** By up to 16 servers at a time. */
    shareable: z.boolean().default(false),
    encryption: z.strictObject({ keyId: KeyId }).exactOptional(),
    deviceType: z.enum(['vbd', 'scsi']).default('vbd'),
  })
  .refine(({ name, count }) => count === 1 || fitsBatch(name), {
    path: ['name'],
    error: `must be no longer than ${longestBatchNameBytes} bytes where \`count\` is more than 1`,
  });

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks',
  operationId: 'requestDisks',
  summary: 'Request a disk, or as many as a hundred at once',
  description:
    'A blank data disk. Many are named `<name>-0001` and so on; all of them are charged or none, and the one operation that ' +
    'is answered follows them all.',
  tag: 'disks',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  body: NewDisks,
  answers: operationAnswers,
  problems: [
    'forbidden',
    'project-without-cloud',
    'availability-zone-unknown',
    'availability-zone-unavailable',
    'disk-type-unknown',
    'disk-type-not-offered',
    'disk-type-sold-out',
    'disk-too-large',
    'metadata-too-large',
    'quota-exceeded',
    'cloud-quota-exceeded',
    'idempotency-mismatch',
    'version-conflict',
    'concurrent-change',
  ],
});

@Controller()
export class RequestDisksController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly admission: Admission,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(declaration)
  async request(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger, admission } = this;
    const { count, shareable, deviceType, ...plain } = input.body;
    const spec = { ...plain, ...(shareable && { shareable }), ...(deviceType === 'scsi' && { deviceType }) };
    const wanted = { projectId: input.params.projectId, spec, count };
    const executed = await requestDisks({ store, ledger, admission }, input, wanted);
    return this.answers.answer(input, executed, refusalsOfDisks);
  }
}
