import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { created, problem, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { answered, sightOf, Verdict } from '@strata/projects';
import { z } from 'zod';
import { diskCommandProblems, diskParams } from '../disk-route.js';
import { refusalsOfDisks } from '../disk.problems.js';
import { transferStream } from '../transfer/index.js';
import { recordOf } from '../transfers/transfer.record.js';
import { showTransfer, TransferResource } from '../transfers/transfer.resource.js';
import { offerDisk } from './offer-disk.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects/:projectId/disks/:diskId/transfers',
  operationId: 'offerDisk',
  summary: 'Offer a disk to another project',
  description:
    'The answer shows `code` once; a repetition under the same key does not. Give it, with the id of the transfer, to whoever ' +
    'is to accept: `POST /v1/projects/{theirs}/transfers/{id}/accept`. Until then the disk is `awaiting-transfer` and takes no ' +
    'other command; deleting the transfer takes the offer back.',
  tag: 'transfers',
  access: 'authenticated',
  params: diskParams,
  answers: { 201: TransferResource.extend({ code: z.string().optional() }), 200: Verdict },
  problems: [...diskCommandProblems, 'deletion-locked', 'disk-attached', 'has-snapshots', 'disk-not-transferable'],
});

@Controller()
export class OfferDiskController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
  ) {}

  @Route(declaration)
  async offer(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { store, ledger } = this;
    const { executed, code } = await offerDisk({ store, ledger }, input, input.params);
    return answered(executed, refusalsOfDisks, async ({ answer, position, replayed }) => {
      const transferId = String(answer['transferId']);
      const streams = [transferStream(transferId)];
      const [stream] = (await store.load({ sight: sightOf(input.caller), streams })).streams;
      const record = recordOf(stream?.events ?? []);
      if (!record) throw problem('not-found');
      const shown = showTransfer(record);
      const location = `/v1/projects/${input.params.projectId}/transfers/${transferId}`;
      return created(location, replayed ? shown : { ...shown, code }, { position, replayed });
    });
  }
}
