import { randomBytes } from 'node:crypto';
import { Controller, Injectable, Module } from '@nestjs/common';
import { DiskId, ProjectId } from '@strata/kernel';
import { pino } from 'pino';
import { z } from 'zod';
import { Input, Route, startHttp } from '../nest.js';
import {
  accepted,
  type Answer,
  Authenticator,
  booleanParameter,
  type Caller,
  created,
  Cursors,
  defineProblems,
  eventStream,
  type HttpOptions,
  type InputOf,
  integerBound,
  listQuery,
  noContent,
  ok,
  problem,
  refused,
  route,
  type StreamEvent,
  versionMatches,
} from '../index.js';

/** A feature as small as can be that uses everything the platform offers. */
export const shelfProblems = defineProblems({
  'shelf-full': {
    status: 409,
    title: 'The shelf is full',
    explanation: 'Take something away first.',
    retryable: false,
  },
});

const params = z.strictObject({ projectId: ProjectId });
const Shelf = z
  .strictObject({ id: z.uuid(), name: z.string(), sizeGiB: z.int(), tags: z.record(z.string(), z.string()) })
  .meta({ id: 'Shelf' });
const Shelves = z.strictObject({ items: z.array(Shelf), nextCursor: z.string().nullable() }).meta({ id: 'Shelves' });
const Operation = z.strictObject({ id: z.uuid(), kind: z.literal('shelf.build') }).meta({ id: 'Operation' });

const NewShelf = z.strictObject({
  name: z.string().min(1).max(64),
  sizeGiB: z.int().min(10).max(32_768),
  tags: z.record(z.string().max(36), z.string().max(43)).default({}),
});

export const listShelves = route({
  method: 'GET',
  path: '/v1/projects/:projectId/shelves',
  operationId: 'listShelves',
  summary: 'Shelves of a project',
  tag: 'shelves',
  access: 'authenticated',
  params,
  query: listQuery({
    sorts: ['createdAt', 'name'],
    filters: { status: z.enum(['free', 'full']) },
    ranges: { sizeGiB: integerBound },
    tags: true,
    asOf: true,
  }),
  answers: { 200: Shelves },
});

export const buildShelf = route({
  method: 'POST',
  path: '/v1/projects/:projectId/shelves',
  operationId: 'buildShelf',
  summary: 'Build a shelf',
  tag: 'shelves',
  access: 'authenticated',
  params,
  body: NewShelf,
  answers: { 202: Operation },
  problems: ['shelf-full'],
});

export const showShelf = route({
  method: 'GET',
  path: '/v1/projects/:projectId/shelves/:shelfId',
  operationId: 'showShelf',
  versioned: true,
  summary: 'One shelf',
  tag: 'shelves',
  access: 'authenticated',
  params: params.extend({ shelfId: DiskId }),
  answers: { 200: Shelf },
});

export const changeShelf = route({
  method: 'PATCH',
  path: '/v1/projects/:projectId/shelves/:shelfId',
  operationId: 'changeShelf',
  versioned: true,
  summary: 'Change a shelf',
  tag: 'shelves',
  access: 'authenticated',
  params: params.extend({ shelfId: DiskId }),
  body: NewShelf.partial(),
  answers: { 200: z.json() },
  problems: ['version-conflict'],
});

export const removeShelf = route({
  method: 'DELETE',
  path: '/v1/projects/:projectId/shelves/:shelfId',
  operationId: 'removeShelf',
  summary: 'Remove a shelf',
  tag: 'shelves',
  access: 'authenticated',
  params: params.extend({ shelfId: DiskId }),
  query: z.strictObject({ cascade: booleanParameter.optional() }),
  answers: { 204: null },
});

export const watchShelves = route({
  method: 'GET',
  path: '/v1/projects/:projectId/shelves/events',
  operationId: 'watchShelves',
  summary: 'What happens to shelves',
  tag: 'shelves',
  access: 'authenticated',
  params,
  answers: { 200: z.json() },
  stream: true,
});

export const echo = route({
  method: 'GET',
  path: '/v1/echo',
  operationId: 'echo',
  summary: 'What the platform read',
  tag: 'shelves',
  access: 'public',
  answers: { 200: z.json() },
});

export const broken = route({
  method: 'POST',
  path: '/v1/broken',
  operationId: 'broken',
  summary: 'A fault',
  tag: 'shelves',
  access: 'public',
  answers: { 201: z.json() },
});

/** What happens to the next streams and waits; set by the specs. */
export const stage: { events: AsyncIterable<StreamEvent>; waiting: PromiseWithResolvers<AbortSignal> } = {
  events: (async function* () {})(),
  waiting: Promise.withResolvers(),
};

export const shelfId = '0195f3a0-0000-7000-8000-000000000001';
export const projectId = '0195f3a0-0000-7000-8000-0000000000aa';

@Controller()
export class ShelvesController {
  constructor(private readonly cursors: Cursors) {}

  @Route(listShelves)
  list(@Input() input: InputOf<typeof listShelves>): Answer {
    const page = this.cursors.open(input);
    const names = ['a', 'b', 'c', 'd'].slice(0, page.limit);
    const items = names.map((name) => ({ id: shelfId, name, sizeGiB: 10, tags: {} }));
    const nextCursor = this.cursors.next(input, page, ['d', shelfId], page.asOf && 41);
    return ok({ items, nextCursor }, { position: 41, headers: { 'x-page': JSON.stringify(page) } });
  }

  @Route(buildShelf)
  async build(@Input() input: InputOf<typeof buildShelf>): Promise<Answer> {
    const { sizeGiB, name } = input.body;
    if (name === 'wait') {
      const { signal } = input;
      stage.waiting.resolve(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    if (sizeGiB > 1_000) throw refused(shelfProblems, { type: 'shelf-full', missing: sizeGiB - 1_000 });
    return accepted({ id: shelfId, kind: 'shelf.build' }, { position: 41, replayed: input.idempotencyKey === 'again' });
  }

  @Route(showShelf)
  show(@Input() input: InputOf<typeof showShelf>): Answer {
    return ok({ id: input.params.shelfId, name: 'a', sizeGiB: 10, tags: {} }, { etag: 3, position: 41 });
  }

  @Route(changeShelf)
  change(@Input() input: InputOf<typeof changeShelf>): Answer {
    if (!versionMatches(input.ifMatch, 3)) throw problem('version-conflict', { version: 3 });
    const { fingerprint, validateOnly, idempotencyKey = null, prefer = null } = input;
    return ok({ fingerprint, validateOnly, idempotencyKey, prefer, body: input.body }, { etag: 4 });
  }

  @Route(removeShelf)
  remove(@Input() input: InputOf<typeof removeShelf>): Answer {
    return noContent({ position: input.query.cascade ? 43 : 42 });
  }

  @Route(watchShelves)
  watch(@Input() input: InputOf<typeof watchShelves>): Answer {
    return input.wantsStream ? eventStream(stage.events) : ok({ lastEventId: input.lastEventId ?? null });
  }

  @Route(echo)
  echo(@Input() input: InputOf<typeof echo>): Answer {
    const { requestId, traceparent = null, minPosition = null } = input;
    return ok({ requestId, traceparent, minPosition });
  }

  @Route(broken)
  broken(@Input() input: InputOf<typeof broken>): Answer {
    if (input.idempotencyKey === 'fine') return created('/v1/broken/1', {});
    throw new Error('the password is hunter2');
  }
}

@Injectable()
class KnownTokens extends Authenticator {
  override async authenticate(headers: Readonly<Record<string, unknown>>): Promise<Caller | null> {
    if (headers['authorization'] !== 'Bearer good') return null;
    return { actorId: 'actor-1', kind: 'service-token', tokenId: 't', grants: [], platformRoles: [] };
  }
}

@Module({
  controllers: [ShelvesController],
  providers: [{ provide: Authenticator, useClass: KnownTokens }],
})
class ShelvesModule {}

export const incarnation = '0195f3a0-1111-7000-8000-000000000000';

export const startShelves = (options: Partial<HttpOptions> = {}, port = 0) =>
  startHttp(
    ShelvesModule,
    {
      title: 'Shelves',
      version: '1.0.0',
      logger: pino({ level: 'silent' }),
      problems: [shelfProblems],
      cursorKey: randomBytes(32),
      incarnation: () => incarnation,
      healthChecks: [],
      checkAnswers: true,
      ...options,
    },
    { host: '127.0.0.1', port },
  );
