import { describe, expect, it } from 'vitest';
import { BindingId, OperationId, ProjectId } from '@strata/kernel';
import type { Hold } from '@strata/queue';
import type { KindRules } from '../kind.js';
import { operationEvent, type OperationEvent } from '../operation/operation.events.js';
import { operation } from '../operation/operation.js';
import type { OperationHistory, RecordedOperationEvent } from '../operation/operation.history.js';
import { freshNotes, notesFrom, type Notes } from './notes.js';
import { planStep, type Ahead, type Patience } from './plan-step.js';

const startMs = Date.parse('2026-03-02T08:00:00.000Z');
const patience: Patience = { sendWithinMs: 10_000, requestTimeoutMs: 30_000, visibilityMs: 120_000 };
const rules = (change: Partial<KindRules> = {}): KindRules => ({
  kind: 'disk.create',
  sends: true,
  absence: 'three-looks',
  deadlineMs: 3_600_000,
  streams: () => [],
  conclude: () => ({ streams: [], result: {} }),
  retry: () => ({ accepted: false, refusal: { type: 'not-found' } }),
  ...change,
});

const id = OperationId.parse('0195f3a0-0000-7000-8000-000000000001');
const requested = operationEvent('OperationRequested', {
  operationId: id,
  kind: 'disk.create',
  projectId: ProjectId.parse('0195f3a0-0000-7000-8000-000000000002'),
  bindingId: BindingId.parse('0195f3a0-0000-7000-8000-000000000003'),
  target: { type: 'disk', id: '0195f3a0-0000-7000-8000-000000000004' },
  input: {},
  partOf: null,
  parts: [],
  retryOf: null,
});
const requestedAfter = operationEvent('OperationRequested', {
  ...requested.data,
  after: OperationId.parse('0195f3a0-0000-7000-8000-000000000005'),
});
const intended = operationEvent('SendIntended', { attempt: 1, marker: `${id}.1`, sendWithinMs: 10_000 });
const fault = { code: 'HTTP 504', message: 'no answer', requestId: null };
const lost = operationEvent('AnswerLost', { attempt: 1, fault });
const accepted = operationEvent('SendAccepted', {
  attempt: 1,
  jobId: 'job-1',
  cloudId: null,
  cloudRequestId: null,
  via: 'answer',
});
const absent = operationEvent('SendPresumedAbsent', { attempt: 1, emptyLooks: 3 });
const started = operationEvent('OperationStarted', {});
const wish = operationEvent('OperationCancelRequested', {});

/** Each event one second after the one before. */
const history = (...events: OperationEvent[]): OperationHistory => ({
  version: events.length,
  operation: events.reduce(operation.evolve, operation.initial),
  events: events.map((event, index): RecordedOperationEvent => ({
    ...event,
    position: index + 1,
    version: index + 1,
    meta: { actorId: 'somebody' },
    recordedAt: new Date(startMs + index * 1000).toISOString(),
  })),
});

const at = (nowMs: number, holds: readonly Hold[] = []) => ({ nowMs, holds });
const plan = (events: OperationEvent[], afterMs = 5_000, notes: Notes = freshNotes(1), kind = rules()) =>
  planStep(history(...events), kind, notes, patience, at(startMs + afterMs));

describe('the next step of an operation', () => {
  it('is to send what was never sent', () => {
    expect(plan([requested])).toEqual({ do: 'send', attempt: 1, provenUnsent: false });
  });

  it('is to look, for a kind that only looks', () => {
    expect(plan([requested], 5_000, freshNotes(0), rules({ sends: false }))).toMatchObject({ do: 'look' });
  });

  it('is to look up an intent without an answer, whether its answer was lost or its sender died', () => {
    for (const events of [
      [requested, intended],
      [requested, intended, lost],
    ])
      expect(plan(events)).toEqual({
        do: 'look-up',
        attempt: 1,
        sinceMs: startMs + 1000,
        enough: { count: 3, notBeforeMs: startMs + 1000 + 10_000 + 30_000 + 120_000 },
      });
  });

  it('believes one empty look after the quiet period where doing it twice does no harm', () => {
    expect(plan([requested, intended, lost], 5_000, freshNotes(1), rules({ absence: 'one-look' }))).toMatchObject({
      enough: { count: 1, notBeforeMs: startMs + 1000 + 40_000 },
    });
  });

  it('looks often until the quiet period is over where doing it twice would destroy something', () => {
    expect(plan([requested, intended, lost], 5_000, freshNotes(1), rules({ absence: 'unprovable' }))).toMatchObject({
      enough: { count: 10, notBeforeMs: startMs + 1000 + 40_000 },
    });
  });

  it('is to send again once the attempt before is known to have had no effect', () => {
    expect(plan([requested, intended, absent])).toEqual({ do: 'send', attempt: 2, provenUnsent: false });
    expect(plan([requested, intended], 5_000, { ...freshNotes(1), unsent: true })).toEqual({
      do: 'send',
      attempt: 2,
      provenUnsent: true,
    });
  });

  it('takes no note of an older attempt for a proof about the newest', () => {
    expect(notesFrom({ attempt: 1, unsent: true }, 2)).toEqual(freshNotes(2));
    expect(plan([requested, intended, lost], 5_000, { ...freshNotes(1), unsent: true })).toMatchObject({
      do: 'look-up',
    });
  });

  it('is to look at what the cloud has taken', () => {
    expect(plan([requested, intended, accepted])).toEqual({ do: 'look', last: false, sinceMs: startMs + 2000 });
  });

  it('is to conclude a wish to cancel at a safe point, never while the outcome is open', () => {
    expect(plan([requested, intended, wish])).toMatchObject({ do: 'look-up' });
    expect(plan([requested, intended, wish, absent])).toEqual({ do: 'conclude-cancel' });
    expect(plan([requested, started, wish])).toEqual({ do: 'conclude-cancel' });
  });

  it('is to give up after the deadline, but not to leave an open outcome before it was looked for', () => {
    const late = 3_600_001;
    expect(plan([requested], late)).toEqual({ do: 'give-up' });
    expect(plan([requested, intended, accepted], late)).toMatchObject({ do: 'look', last: true });
    expect(plan([requested, intended, accepted], 2 * late)).toEqual({ do: 'give-up' });
    expect(plan([requested, intended, absent], late)).toEqual({ do: 'give-up' });
    expect(plan([requested, intended, lost], late)).toMatchObject({ do: 'look-up' });
    expect(plan([requested, intended, lost], 2 * late)).toEqual({ do: 'give-up' });
  });

  it('is to wait for what goes before it, and not to begin when that did not succeed', () => {
    const behind = (ahead: Ahead, afterMs = 5_000) =>
      planStep(history(requestedAfter), rules(), freshNotes(0), patience, at(startMs + afterMs), ahead);
    expect(behind({ ahead: 'open' }, 100)).toEqual({ do: 'wait', forMs: 200, waitingFor: null });
    expect(behind({ ahead: 'open' }, 8_000)).toEqual({ do: 'wait', forMs: 2_000, waitingFor: null });
    expect(behind({ ahead: 'open' }, 999_999)).toEqual({ do: 'wait', forMs: 5_000, waitingFor: null });
    expect(behind({ ahead: 'failed' })).toEqual({ do: 'not-begin' });
    expect(behind({ ahead: 'succeeded', endedAtMs: startMs })).toMatchObject({ do: 'send' });
  });

  it('is to wait until its time has come, and its deadline counts from then', () => {
    const hour = 3_600_000;
    const waiting = operationEvent('OperationRequested', {
      ...requested.data,
      notBefore: new Date(startMs + 2 * hour).toISOString(),
    });
    const planAt = (nowMs: number, ...events: OperationEvent[]) => plan([waiting, ...events], nowMs);
    expect(planAt(0)).toEqual({ do: 'wait', forMs: hour, waitingFor: 'window' });
    expect(planAt(2 * hour - 1)).toEqual({ do: 'wait', forMs: 1, waitingFor: 'window' });
    expect(planAt(2 * hour)).toMatchObject({ do: 'send' });
    expect(planAt(3 * hour)).toMatchObject({ do: 'send' });
    expect(planAt(3 * hour + 1)).toEqual({ do: 'give-up' });
    expect(planAt(3 * hour, intended, accepted)).toMatchObject({ do: 'look', last: false });
    expect(planAt(3 * hour + 1, intended, accepted)).toMatchObject({ do: 'look', last: true });
    expect(planAt(4 * hour + 1, intended, accepted)).toEqual({ do: 'give-up' });
  });

  it('comes later by what pauses have held, until the cloud has taken the work', () => {
    const hour = 3_600_000;
    const paused = (fromMs: number, toMs: number) => ({ sinceMs: startMs + fromMs, untilMs: startMs + toMs });
    const holds = [paused(-hour, hour), paused(0, 2 * hour), paused(3 * hour, 9 * hour)];
    const under = (nowMs: number, events: readonly OperationEvent[] = [], kind = rules()) =>
      planStep(history(requested, ...events), kind, freshNotes(1), patience, at(startMs + nowMs, holds));
    expect(under(3 * hour)).toMatchObject({ do: 'send' });
    expect(under(10 * hour - 1)).toMatchObject({ do: 'give-up' });
    expect(under(2.5 * hour, [intended, absent])).toMatchObject({ do: 'send' });
    const takenAtMs = 2_000;
    expect(under(hour + takenAtMs, [intended, accepted])).toMatchObject({ do: 'look', last: false });
    expect(under(hour + takenAtMs + 1, [intended, accepted])).toMatchObject({ do: 'look', last: true });
    expect(under(hour + 1, [started], rules({ sends: false }))).toEqual({ do: 'give-up' });
  });

  it('of what went after something else is late when that has ended for as long as the deadline', () => {
    const hour = 3_600_000;
    const behind = (nowMs: number, ...events: OperationEvent[]) =>
      planStep(history(requestedAfter, ...events), rules(), freshNotes(1), patience, at(startMs + nowMs), {
        ahead: 'succeeded',
        endedAtMs: startMs + hour,
      });
    expect(behind(2 * hour)).toMatchObject({ do: 'send' });
    expect(behind(2 * hour + 1)).toEqual({ do: 'give-up' });
    const begun = (nowMs: number) =>
      planStep(history(requestedAfter, intended, accepted), rules(), freshNotes(1), patience, at(startMs + nowMs));
    expect(begun(hour + 1_000)).toMatchObject({ do: 'look', last: false });
    expect(begun(hour + 1_001)).toMatchObject({ do: 'look', last: true });
    expect(begun(2 * hour + 1_001)).toEqual({ do: 'give-up' });
  });

  it('is nothing for an operation that has ended or that the log does not know', () => {
    expect(plan([requested, operationEvent('OperationCancelled', {})])).toEqual({ do: 'nothing' });
    expect(plan([])).toEqual({ do: 'nothing' });
  });
});
