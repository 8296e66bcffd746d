import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import {
  asOfQuery,
  created,
  Cursors,
  listQuery,
  noContent,
  ok,
  pageOf,
  problem,
  route,
  timeBound,
  type Answer,
  type InputOf,
} from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId, isPlainProse, noControl, PauseId, ProjectId, safeText } from '@strata/kernel';
import {
  type Accepted,
  answered,
  asAccepted,
  readStream,
  readUpTo,
  refusalsOfProjects,
  sightOf,
  Verdict,
} from '@strata/projects';
import { Lists, type List } from '@strata/projects/http';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { KindRegistry } from '../kind-registry.js';
import { mustBeKnown } from '../known-kinds.js';
import { OperationReader } from '../operation-reader.js';
import { HeldOperations } from '../operation.ports.js';
import { OperationResource } from '../operation.resource.js';
import type { Scope } from '../pause/index.js';
import { beginPause, endPause, pauseStream } from './change-pauses.js';
import { pauseIn, PauseResource, type PauseRecord } from './pause.resource.js';
import { pausesView, type PauseRow } from './pauses.projection.js';

const common = { tag: 'pauses', access: 'authenticated' } as const;
const ofPause = z.strictObject({ pauseId: PauseId });

const what = {
  kind: z.string().max(64).exactOptional(),
  reason: safeText.min(1, 'must say why').max(500).refine(isPlainProse, noControl),
  until: z.iso.datetime({ offset: true, error: 'must be a time (RFC 3339)' }).exactOptional(),
};

const begin = route({
  ...common,
  method: 'POST',
  path: '/v1/pauses',
  operationId: 'beginPause',
  versioned: true,
  summary: 'Hold what would be sent to the cloud',
  description:
    'Of a project and all below it (its admin), or of a binding (platform-admin); of one kind of operation, or of all. ' +
    'Commands are accepted as ever, and their operations wait for `lock`; what the cloud has taken goes on and is looked ' +
    'at. `reason` is shown to everybody whose operation waits. Without `until` it lasts seven days, thirty at most.',
  body: z
    .strictObject({ projectId: ProjectId.exactOptional(), bindingId: BindingId.exactOptional(), ...what })
    .refine(({ projectId, bindingId }) => (projectId === undefined) !== (bindingId === undefined), {
      error: 'must name either a project or a binding',
    }),
  answers: { 201: PauseResource, 200: Verdict },
  problems: ['forbidden', 'not-found', 'version-conflict', 'concurrent-change'],
});

const list = route({
  ...common,
  method: 'GET',
  path: '/v1/pauses',
  operationId: 'listPauses',
  summary: 'The pauses in force that the caller may view',
  query: listQuery({
    sorts: ['createdAt', 'until'],
    filters: { id: PauseId, projectId: ProjectId, bindingId: BindingId, kind: z.string().max(64) },
    ranges: { createdAt: timeBound, until: timeBound },
    asOf: true,
  }),
  answers: { 200: pageOf(PauseResource) },
});

const get = route({
  ...common,
  method: 'GET',
  path: '/v1/pauses/:pauseId',
  operationId: 'getPause',
  versioned: true,
  summary: 'One pause in force',
  params: ofPause,
  query: asOfQuery,
  answers: { 200: PauseResource },
});

const end = route({
  ...common,
  method: 'DELETE',
  path: '/v1/pauses/:pauseId',
  operationId: 'endPause',
  summary: 'Let go on what is held',
  params: ofPause,
  answers: { 204: null, 200: Verdict },
  problems: ['forbidden', 'version-conflict', 'concurrent-change'],
});

const held = route({
  ...common,
  method: 'GET',
  path: '/v1/pauses/:pauseId/held',
  operationId: 'listHeldOperations',
  summary: 'The operations that wait for a pause to end',
  description: 'Batches and each of their parts. What several pauses hold is told of the one that lasts longest.',
  params: ofPause,
  query: listQuery({ sorts: ['createdAt'] }),
  answers: { 200: pageOf(OperationResource) },
});

@Controller()
export class PausesController {
  private readonly pauses: List<PauseRow> = {
    view: pausesView,
    show: async (rows, { isPast }) => {
      const records = rows.map(({ doc }) => doc);
      return isPast ? records.map((record) => ({ ...record, held: null })) : this.showAll(records);
    },
  };

  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly lists: Lists,
    private readonly cursors: Cursors,
    private readonly kinds: KindRegistry,
    private readonly reader: OperationReader,
    private readonly heldOperations: HeldOperations,
  ) {}

  @Route(begin)
  async begin(@Input() input: InputOf<typeof begin>): Promise<Answer> {
    const { store, ledger } = this;
    const { projectId, bindingId, kind = null, reason, until } = input.body;
    const scope = scopeOf(projectId, bindingId);
    const pauseId = PauseId.parse(newId());
    const wish = { pauseId, scope, kind, reason, until };
    const executed = await beginPause({ store, ledger, kinds: this.kinds.sending }, input, wish);
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const { pause, options } = await this.shown(accepted, input.caller);
      return created(`/v1/pauses/${pause.id}`, pause, options);
    });
  }

  @Route(list)
  async list(@Input() input: InputOf<typeof list>): Promise<Answer> {
    mustBeKnown(this.kinds.sending, input.query.filters.kind);
    return this.lists.ofAll(this.pauses, input);
  }

  @Route(get)
  async get(@Input() input: InputOf<typeof get>): Promise<Answer> {
    const { stream, position } = await readStream(this.store, input, pauseStream(input.params.pauseId));
    const record = pauseIn(stream?.events ?? []);
    if (record === undefined) throw problem('not-found');
    const isPast = input.query.asOf !== undefined;
    const [pause] = isPast ? [{ ...record, held: null }] : await this.showAll([record]);
    return ok(pause, { etag: record.version, position });
  }

  @Route(end)
  async end(@Input() input: InputOf<typeof end>): Promise<Answer> {
    const { store, ledger } = this;
    const executed = await endPause({ store, ledger }, input, input.params.pauseId);
    return answered(executed, refusalsOfProjects, ({ position, replayed }) => noContent({ position, replayed }));
  }

  @Route(held)
  async held(@Input() input: InputOf<typeof held>): Promise<Answer> {
    const sight = sightOf(input.caller);
    await readUpTo(this.store, { query: {}, minPosition: input.minPosition });
    const { streams, head } = await this.store.load({ sight, streams: [pauseStream(input.params.pauseId)] });
    if (pauseIn(streams[0]?.events ?? []) === undefined) throw problem('not-found');
    const page = this.cursors.open(input);
    const ids = await this.heldOperations.of(input.params.pauseId, {
      sight,
      direction: page.sort.direction,
      after: page.after?.[0] === undefined ? undefined : String(page.after[0]),
      limit: page.limit + 1,
    });
    const shown = ids.slice(0, page.limit);
    const last = shown.at(-1);
    const nextCursor = ids.length > shown.length && last !== undefined ? this.cursors.next(input, page, [last]) : null;
    return ok({ items: await this.reader.showNow(shown, sight), nextCursor }, { position: head });
  }

  private async showAll(records: readonly PauseRecord[]): Promise<readonly PauseResource[]> {
    const counts = await this.heldOperations.count(records.map(({ id }) => id));
    return records.map((record) => ({ ...record, held: counts.get(record.id) ?? 0 }));
  }

  private async shown(accepted: Accepted, caller: InputOf<typeof begin>['caller']) {
    const { answer, position, replayed } = accepted;
    const pauseId = PauseId.parse(answer['pauseId']);
    const from = { sight: sightOf(caller), stream: pauseStream(pauseId) };
    const record = await asAccepted(this.store, from, accepted, (stream) => pauseIn(stream?.events ?? []));
    const [pause = { ...record, held: 0 }] = await this.showAll([record]);
    return { pause, options: { etag: record.version, position, replayed } };
  }
}

/** The schema of the body has seen to it that one of the two is named. */
const scopeOf = (projectId: ProjectId | undefined, bindingId: BindingId | undefined): Scope => {
  if (projectId !== undefined) return { projectId, bindingId: null };
  if (bindingId !== undefined) return { projectId: null, bindingId };
  throw problem('invalid-request');
};
