import { Controller } from '@nestjs/common';
import { EventStore, TokenStore } from '@strata/event-store';
import {
  Cursors,
  eventStream,
  invalidRequest,
  ok,
  problem,
  route,
  type Answer,
  type InputOf,
  type StreamEvent,
} from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { OperationId, ProjectId } from '@strata/kernel';
import { authorise, beyondTheHead, insideTheLog, openPage, openPageIn, sightOf } from '@strata/projects';
import { z } from 'zod';
import { OperationReader } from '../operation-reader.js';
import { requireProject } from '../require-project.js';
import { EventResource, namedInSight, showEvent } from './event.resource.js';
import { isLastOf, readEvents, scopeOfOperation, type EventScope } from './event-scope.js';
import { eventsQuery, type From } from './events.query.js';
import { followEvents, type StartAt } from './follow-events.js';

const declared = {
  method: 'GET',
  tag: 'events',
  access: 'authenticated',
  query: eventsQuery,
  stream: true,
  answers: { 200: z.strictObject({ items: z.array(EventResource), nextCursor: z.string().nullable() }) },
} as const;

const listEvents = route({
  ...declared,
  path: '/v1/events',
  operationId: 'listEvents',
  summary: 'The whole log',
  description: 'For platform-admins and auditors. A page, or with `Accept: text/event-stream` as it grows.',
  problems: ['forbidden'],
});

const listEventsOfProject = route({
  ...declared,
  path: '/v1/projects/:projectId/events',
  operationId: 'listEventsOfProject',
  summary: 'What happened in a project',
  description: 'A page, or with `Accept: text/event-stream` as it happens.',
  params: z.strictObject({ projectId: ProjectId }),
});

const listEventsOfOperation = route({
  ...declared,
  path: '/v1/operations/:operationId/events',
  operationId: 'listEventsOfOperation',
  summary: 'What happened in an operation and its parts',
  description: 'A page, or with `Accept: text/event-stream` as it happens; the stream ends with the terminal event.',
  params: z.strictObject({ operationId: OperationId }),
});

type EventsInput = InputOf<typeof listEvents | typeof listEventsOfProject | typeof listEventsOfOperation>;

const nothing = async function* (): AsyncGenerator<StreamEvent> {};

@Controller()
export class EventsController {
  constructor(
    private readonly store: EventStore,
    private readonly cursors: Cursors,
    private readonly tokens: TokenStore,
    private readonly reader: OperationReader,
  ) {}

  @Route(listEvents)
  async list(@Input() input: InputOf<typeof listEvents>): Promise<Answer> {
    const forbidden = authorise(input.caller, 'auditor', undefined, undefined);
    if (forbidden) throw problem('forbidden', { ...forbidden });
    return this.answer(input, { sight: sightOf(input.caller) });
  }

  @Route(listEventsOfProject)
  async listOfProject(@Input() input: InputOf<typeof listEventsOfProject>): Promise<Answer> {
    const { projectId } = input.params;
    return this.answer(input, { sight: sightOf(input.caller), projectId });
  }

  @Route(listEventsOfOperation)
  async listOfOperation(@Input() input: InputOf<typeof listEventsOfOperation>): Promise<Answer> {
    const sight = sightOf(input.caller);
    const found = await this.reader.find(sight, input.params.operationId);
    if (!found) throw problem('not-found');
    return this.answer(input, scopeOfOperation(sight, found));
  }

  private answer(input: EventsInput, scope: EventScope): Promise<Answer> {
    return input.wantsStream ? this.stream(input, scope) : this.page(input, scope);
  }

  private async page(input: EventsInput, scope: EventScope): Promise<Answer> {
    const { store, cursors } = this;
    const { projectId } = scope;
    const ports = { store, cursors };
    const { page, asOf } = await (projectId ? openPageIn(ports, projectId, input) : openPage(ports, input));
    await this.require(input, scope, asOf);
    await insideTheLog(store, input.minPosition);
    const { position: head, incarnation } = await store.head();
    const [from] = page.filters.from ?? [];
    if (from && isOfAnother(from, incarnation)) throw problem('log-restored');
    if (from && from.position > head) throw beyondTheHead('/query/from');
    const after = page.after === undefined ? (from?.position ?? 0) : Number(page.after[0]);
    const { events, through, more } = await readEvents(store, scope, after, asOf ?? head, page.limit);
    const nextCursor = more ? cursors.next(input, page, [through], asOf) : null;
    const inSight = await namedInSight(store, scope.sight, events);
    const items = events.map((event) => showEvent(event, inSight));
    return ok({ items, nextCursor }, { position: asOf ?? head });
  }

  /** Events stay when their project goes. */
  private async require({ caller }: EventsInput, { projectId }: EventScope, asOf: number | undefined): Promise<void> {
    if (projectId !== undefined) await requireProject(this.store, caller, projectId, asOf);
  }

  private async stream(input: EventsInput, scope: EventScope): Promise<Answer> {
    const { store, tokens } = this;
    refusePaging(input);
    await this.require(input, scope, undefined);
    const start = await this.startOf(input);
    if (await this.isOver(scope, start)) return eventStream(nothing());
    return eventStream(followEvents({ store, tokens }, scope, start, input.caller, input.signal));
  }

  private async startOf({ lastEventId, query }: EventsInput): Promise<StartAt> {
    const { position: now, incarnation } = await this.store.head();
    if (lastEventId) {
      if (lastEventId.from === 'reset') return { after: now, reset: true };
      if (lastEventId.position > now) throw beyondTheHead('/header/last-event-id');
      return { after: lastEventId.position };
    }
    const [from] = query.filters.from ?? [];
    if (!from) return { after: now };
    if (isOfAnother(from, incarnation)) return { after: now, reset: true };
    if (from.position > now) throw beyondTheHead('/query/from');
    return { after: from.position };
  }

  /** Whether the last event of the scope lies before the start: nothing would ever come. */
  private async isOver(scope: EventScope, { after }: StartAt): Promise<boolean> {
    if (scope.endsWith === undefined) return false;
    const { streams } = await this.store.load({ sight: scope.sight, streams: [scope.endsWith] });
    const end = streams[0]?.events.find((event) => isLastOf(scope, event));
    return end !== undefined && end.position <= after;
  }
}

/** Left out in silence, they would seem to hold. */
const refusePaging = ({ query }: EventsInput): void => {
  const given = (['asOf', 'cursor'] as const).filter((member) => query[member] !== undefined);
  const detail = 'is of pages: a stream goes on from `Last-Event-ID` or `from`';
  if (given.length > 0) throw invalidRequest(...given.map((member) => ({ pointer: `/query/${member}`, detail })));
};

const isOfAnother = (from: From, incarnation: string): boolean =>
  from.incarnation !== null && from.incarnation !== incarnation;
