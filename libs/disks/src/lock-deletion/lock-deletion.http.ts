import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { noContent, ok, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { answered, asAccepted, sightOf, Verdict } from '@strata/projects';
import { BindingOffers } from '@strata/projects/http';
import { z } from 'zod';
import { byServers } from '../attach-disk/attachable.js';
import { diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { recordOf } from '../disk.record.js';
import { DiskResource, showDisk } from '../disk.resource.js';
import { Description } from '../disk.schemas.js';
import { diskStream } from '../disk/disk.stream.js';
import { lockDeletion, unlockDeletion } from './lock-deletion.js';

const common = {
  path: '/v1/projects/:projectId/disks/:diskId/deletion-lock',
  tag: 'disks',
  access: 'authenticated',
  params: diskParams,
} as const;
const problems = ['forbidden', 'idempotency-mismatch', 'version-conflict', 'concurrent-change'] as const;

const lock = route({
  ...common,
  method: 'PUT',
  operationId: 'lockDiskDeletion',
  versioned: true,
  summary: 'Lock a disk against deletion',
  description:
    'Until an admin of the project lifts the lock, every deletion of the disk is refused with `deletion-locked`, which names ' +
    'who locked it and why. Nothing of it reaches the cloud, and whoever has the rights there can delete it all the same.',
  body: z.strictObject({ reason: Description.optional() }),
  answers: { 200: z.union([DiskResource, Verdict]) },
  problems: [...problems, 'disk-busy'],
});

const unlock = route({
  ...common,
  method: 'DELETE',
  operationId: 'unlockDiskDeletion',
  versioned: true,
  summary: 'Lift the lock against deletion',
  description: 'For admins of the project. Without a lock there is nothing to lift, and the answer is the same.',
  answers: { 204: null, 200: Verdict },
  problems,
});

@Controller()
export class LockDeletionController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly offers: BindingOffers,
  ) {}

  @Route(lock)
  async lock(@Input() input: InputOf<typeof lock>): Promise<Answer> {
    const { store, ledger } = this;
    const { params, body, caller } = input;
    const executed = await lockDeletion({ store, ledger }, input, params, body.reason ?? null);
    return answered(executed, refusalsOfDisks, async (accepted) => {
      const { position, replayed } = accepted;
      const from = { sight: sightOf(caller), stream: diskStream(params.diskId) };
      const record = await asAccepted(store, from, accepted, (stream) => recordOf(stream?.events ?? []));
      const withheld = (await this.offers.isWithheld('attach', record.disk.bindingId)) ? byServers : [];
      return ok(showDisk(record, Date.now(), withheld), { etag: record.version, position, replayed });
    });
  }

  @Route(unlock)
  async unlock(@Input() input: InputOf<typeof unlock>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await unlockDeletion({ store, ledger }, input, input.params);
    return answered(executed, refusalsOfDisks, ({ position, replayed }) => noContent({ position, replayed }));
  }
}
