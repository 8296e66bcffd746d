import { Controller } from '@nestjs/common';
import { EventStore, everything } from '@strata/event-store';
import { ok, problem, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { bindingStream, readBinding, seesEverything, sightOf } from '@strata/projects';
import { z } from 'zod';
import type { KnownOperation } from '../kind.js';
import { historyOf } from '../operation/index.js';
import { operationParams } from '../operation-route.js';
import { operationStream } from '../request-operation/request-operation.js';
import { supportCaseOf, supportTextOf } from './support-text.js';

const Strings = z.array(z.string());

const SupportResource = z
  .strictObject({
    operationId: z.uuid(),
    kind: z.string(),
    status: z.string(),
    subject: z.string(),
    /** Null for callers who may not see bindings. */
    cloud: z
      .strictObject({ kind: z.string(), region: z.string(), hosts: Strings, cloudProjectId: z.string() })
      .nullable(),
    /** All by the cloud's own names. */
    resourceIds: Strings,
    jobIds: Strings,
    requestIds: Strings,
    timeline: z.array(z.strictObject({ at: z.iso.datetime({ precision: 3 }), what: z.string() })),
    /** All of this as one text. */
    text: z.string(),
  })
  .meta({ id: 'SupportCase' });

const declaration = route({
  method: 'GET',
  path: '/v1/operations/:operationId/support',
  operationId: 'getSupportCase',
  summary: 'What the vendor of the cloud needs to know of an operation',
  description:
    'For what only the vendor can mend: `text` is ready to be pasted into a ticket. It has ids, times and what was sent and ' +
    'seen, and neither secrets nor names. Where the cloud is stands in it for platform-admins and auditors only.',
  tag: 'operations',
  access: 'authenticated',
  params: operationParams,
  answers: { 200: SupportResource },
});

@Controller()
export class SupportController {
  constructor(private readonly store: EventStore) {}

  @Route(declaration)
  async get(@Input() input: InputOf<typeof declaration>): Promise<Answer> {
    const { caller, params } = input;
    const loaded = await this.store.load({ sight: sightOf(caller), streams: [operationStream(params.operationId)] });
    const [stream] = loaded.streams;
    const history = stream && historyOf(stream);
    if (history === undefined || history.operation.status === 'absent') throw problem('not-found');
    const known = history.operation;
    const place = seesEverything(caller) ? await this.placeOf(known) : null;
    const told = supportCaseOf(known, history, place);
    const { operationId, kind, status } = known;
    return ok({ operationId, kind, status, ...told, text: supportTextOf(known, told) }, { position: loaded.head });
  }

  /** A binding is of no project: that the caller may see it was asked before. */
  private async placeOf({ bindingId }: KnownOperation) {
    if (bindingId === null) return null;
    const { streams } = await this.store.load({ sight: everything, streams: [bindingStream(bindingId)] });
    return readBinding(bindingId, streams[0]) ?? null;
  }
}
