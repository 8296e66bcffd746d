import type { RecordedEvent } from '@strata/event-store';
import { BindingId, OperationId, ProjectId, type JsonObject } from '@strata/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  operation,
  type Operation,
  type OperationCommand,
  type OperationError,
  type OperationEvent,
  type Requested,
} from '../operation/index.js';
import { hasEnded, recordOf } from '../operation.record.js';
import { OperationResource, showOperation } from '../operation.resource.js';
import { operationsView, type OperationRow } from './operations.projection.js';

const id = (last: number) => `01930000-0000-7000-8000-0000000000${String(last).padStart(2, '0')}`;
const operationId = OperationId.parse(id(1));
const projectId = ProjectId.parse(id(2));
const diskIds = [id(3), id(4)];
const other = fc.constantFrom(...[5, 6].map((last) => OperationId.parse(id(last))));

const request: fc.Arbitrary<Requested> = fc.record({
  operationId: fc.constant(operationId),
  kind: fc.constantFrom('disk.create', 'disk.refresh'),
  projectId: fc.constant(projectId),
  bindingId: fc.option(fc.constant(BindingId.parse(id(7)))),
  target: fc.constantFrom({ type: 'disk' as const, id: id(3) }, { type: 'disks' as const, ids: diskIds }),
  input: fc.constant({ name: 'db' }),
  partOf: fc.option(other),
  parts: fc.array(other, { maxLength: 2 }),
  retryOf: fc.option(other),
});
/** Of a batch that goes in order. */
const planned: fc.Arbitrary<Requested> = fc.tuple(request, other).map(([each, part]) => ({
  ...each,
  parts: [part],
  plan: [{ operationId: part, name: 'delete-disk', target: { type: 'disk', id: id(3), name: 'db' } }],
}));
const text = fc.string({ maxLength: 4 });
const requestId = fc.option(text);
const fault = fc.record({ code: text, message: text, requestId });
const result: fc.Arbitrary<JsonObject> = fc.constantFrom(
  { diskId: id(3) },
  { disks: [{ diskId: id(3), error: null }] },
);
const error: fc.Arbitrary<OperationError> = fc.record({
  code: text,
  title: text,
  owner: fc.constantFrom('you', 'platform', 'cloud'),
  remedy: text,
  retryable: fc.boolean(),
  cloud: fc.option(fault),
});

/** The number of the attempt is put in when it is known. */
const command: fc.Arbitrary<OperationCommand> = fc.oneof(
  fc.constant({ type: 'Begin' as const }),
  fc.record({
    type: fc.constant('IntendSend' as const),
    attempt: fc.constant(0),
    marker: text,
    sendWithinMs: fc.constant(10_000),
    provenUnsent: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('RecordAccepted' as const),
    data: fc.record({
      attempt: fc.constant(0),
      jobId: fc.option(text),
      cloudId: fc.option(text),
      cloudRequestId: requestId,
      via: fc.constantFrom('answer' as const, 'look-up' as const),
    }),
  }),
  fc.record({ type: fc.constant('RecordLost' as const), data: fc.record({ attempt: fc.constant(0), fault }) }),
  fc.record({
    type: fc.constant('PresumeAbsent' as const),
    data: fc.record({ attempt: fc.constant(0), emptyLooks: fc.constant(3) }),
  }),
  fc.record({ type: fc.constant('RecordProgress' as const), state: text, cloudId: fc.option(text) }),
  fc.constant({ type: 'Cancel' as const }),
  fc.constant({ type: 'ConcludeCancelled' as const }),
  fc.record({ type: fc.constant('MarkRetried' as const), retriedBy: other }),
);
const ending: fc.Arbitrary<OperationCommand> = fc.oneof(
  fc.record({ type: fc.constant('Succeed' as const), result }),
  fc.record({ type: fc.constant('Fail' as const), data: fc.record({ error, result: fc.option(result) }) }),
);

const attemptsOf = (state: Operation): number => (state.status === 'absent' ? 0 : state.attempts);

const now = (each: OperationCommand, state: Operation): OperationCommand => {
  const attempt = attemptsOf(state);
  if (each.type === 'IntendSend') return { ...each, attempt: attempt + 1 };
  return 'data' in each && 'attempt' in each.data
    ? ({ ...each, data: { ...each.data, attempt } } as OperationCommand)
    : each;
};

const historyOf = (first: Requested, commands: readonly OperationCommand[]): readonly OperationEvent[] => {
  let state: Operation = operation.initial;
  const events: OperationEvent[] = [];
  for (const each of [{ type: 'RequestOperation', request: first } as const, ...commands]) {
    const decision = operation.decide(now(each, state), state);
    if (!decision.accepted) continue;
    state = decision.events.reduce<Operation>(operation.evolve, state);
    events.push(...decision.events);
  }
  return events;
};
const historyFrom = (begin: fc.Arbitrary<Requested>) =>
  fc
    .tuple(begin, fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }), fc.array(ending, { maxLength: 1 }))
    .chain(([first, commands, end]) =>
      fc.array(command, { maxLength: 5 }).map((late) => historyOf(first, [...commands, ...end, ...late])),
    );

const plannedIn = ([requested]: readonly OperationEvent[]) =>
  requested?.type === 'OperationRequested' ? (requested.data.plan ?? []).map((step) => step.operationId) : [];

const recorded = (event: OperationEvent, index: number): RecordedEvent => ({
  position: index * 3 + 1,
  id: id(20),
  stream: `operation-${operationId}`,
  version: index + 1,
  type: event.type,
  schemaVersion: 1,
  projectId,
  data: event.data as unknown as JsonObject,
  charges: [],
  meta: { actorId: id(30) },
  recordedAt: new Date(1_790_000_000_000 + index).toISOString().replace('Z', '123Z'),
  hash: '',
});

/** As it comes back from its table. */
const stored = (row: OperationRow | null): OperationRow | undefined =>
  row === null ? undefined : (JSON.parse(JSON.stringify(row)) as OperationRow);

const circumstances = {
  now: new Date(1_790_000_000_100),
  waitingFor: 'lock',
  usualMs: 1_000,
} as const;

describe('the view of operations', () => {
  it('shows every operation as its stream tells it', () => {
    fc.assert(
      fc.property(fc.oneof(historyFrom(request), historyFrom(planned)), (events) => {
        const log = events.map(recorded);
        let row: OperationRow | undefined;
        for (const [index, event] of log.entries()) {
          expect(operationsView.keys(event)).toEqual([operationId]);
          row = stored(operationsView.apply(row, event, operationId));
          const record = recordOf(log.slice(0, index + 1));
          if (!row || !record) throw new Error('an operation that was requested is there');
          const shown = showOperation(record, circumstances);
          expect(showOperation(row.doc, circumstances)).toEqual(shown);
          expect(shown.steps.flatMap(({ operationId: of }) => of ?? [])).toEqual(plannedIn(events));
          expect(row).toMatchObject({
            key: shown.id,
            status: shown.status,
            kind: shown.kind,
            retryOf: shown.retryOf,
            createdAt: shown.createdAt,
            startedAt: shown.startedAt,
            endedAt: shown.endedAt,
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tells of a send that the cloud refused by which request', () => {
    const cloud = { code: 'Ecs.0121', message: 'in different zones', requestId: 'request-1' };
    const refusal = { code: 'refused-by-cloud', title: '', owner: 'you', remedy: '', retryable: false, cloud } as const;
    const [target, end] = [
      { type: 'disk' as const, id: id(3) },
      { error: refusal, result: null },
    ];
    const whole = { operationId, kind: 'disk.attach', projectId, bindingId: null, target, input: {}, partOf: null };
    const record = recordOf(
      historyOf({ ...whole, parts: [], retryOf: null }, [
        { type: 'IntendSend', attempt: 1, marker: 'm', sendWithinMs: 10_000, provenUnsent: false },
        { type: 'Fail', data: end },
      ]).map(recorded),
    );
    expect(record?.steps).toMatchObject([{ name: 'send', status: 'failed', cloudRequestId: 'request-1' }]);
  });

  it('shows what the API promises', () => {
    fc.assert(
      fc.property(historyFrom(request), (events) => {
        const record = recordOf(events.map(recorded));
        if (!record) throw new Error('an operation that was requested is there');
        const shown = OperationResource.parse(showOperation(record, circumstances));
        const running = shown.steps.filter(({ status }) => status === 'running');
        expect(running.length).toBeLessThanOrEqual(1);
        expect(running.every(({ endedAt }) => endedAt === null)).toBe(true);
        const ended = ['succeeded', 'failed', 'cancelled'].includes(shown.status);
        expect(hasEnded(record)).toBe(ended);
        if (ended) {
          expect(running).toEqual([]);
          expect(shown).toMatchObject({ waitingFor: null, cancelability: 'no', progress: { percent: 100, eta: null } });
        }
        expect(shown.error !== null).toBe(shown.status === 'failed');
        expect(shown.steps.filter(({ name }) => name === 'send')).toHaveLength(shown.attempts);
        expect(JSON.stringify(record)).not.toContain('"name":"db"');
      }),
      { numRuns: 300 },
    );
  });
});
