import type { Hold } from '@strata/queue';
import type { KindRules } from '../kind.js';
import { isBeforeItsTime, isOpen } from '../operation/operation.js';
import { lastTimeOf, type OperationHistory } from '../operation/operation.history.js';
import { heldWithinMs } from './held.js';
import type { Notes } from './notes.js';

/** How careful the worker is with one cloud. All in ms. */
export interface Patience {
  /** An intent may be acted upon for this long (monotonic clock, checked right before the write). */
  readonly sendWithinMs: number;
  /** Hard end of every request. */
  readonly requestTimeoutMs: number;
  /** After this long a created resource is visible in the cloud's lists and searches (architecture §3; default 120 s). */
  readonly visibilityMs: number;
}

export type Step =
  | { readonly do: 'nothing' }
  | { readonly do: 'conclude-cancel' }
  | { readonly do: 'give-up' }
  /** What goes before it did not succeed. */
  | { readonly do: 'not-begin' }
  | { readonly do: 'gather' }
  | { readonly do: 'send'; readonly attempt: number; readonly provenUnsent: boolean }
  | { readonly do: 'look-up'; readonly attempt: number; readonly sinceMs: number; readonly enough: EnoughLooks }
  /** `last`: the deadline has passed, what is not at its end now is stuck. */
  | { readonly do: 'look'; readonly sinceMs: number; readonly last: boolean }
  | { readonly do: 'wait'; readonly forMs: number; readonly waitingFor: 'window' | null };

/** When an empty look proves absence: the `count`th one, not before `notBeforeMs` (since 1970). */
export interface EnoughLooks {
  readonly count: number;
  readonly notBeforeMs: number;
}

/** How it stands with the operation that goes before one that is queued. */
export type Ahead =
  { readonly ahead: 'nothing' | 'open' | 'failed' } | { readonly ahead: 'succeeded'; readonly endedAtMs: number };

export const nothingAhead: Ahead = { ahead: 'nothing' };

/** Until then a write of the attempt may still arrive, whoever sent it and however long they slept. */
const quietAfter = (intendedAtMs: number, patience: Patience): number =>
  intendedAtMs + patience.sendWithinMs + patience.requestTimeoutMs;

/** What shows only while it lasts is looked for often. */
const looksForTraces = 10;

const enoughLooks = (rules: KindRules, intendedAtMs: number, patience: Patience): EnoughLooks => {
  const quietMs = quietAfter(intendedAtMs, patience);
  switch (rules.absence) {
    case 'three-looks':
      return { count: 3, notBeforeMs: quietMs + patience.visibilityMs };
    case 'one-look':
      return { count: 1, notBeforeMs: quietMs };
    case 'unprovable':
      return { count: looksForTraces, notBeforeMs: quietMs };
  }
};

/** Nobody calls when the one before has ended: looked for often at first, and it costs one read of the log. In ms. */
const pauseBehind = { least: 200, most: 5_000, shareOfAge: 0.25 } as const;

/** A wait for a time is looked at again this often, so that nothing depends on one long timer. In ms. */
const longestWaitMs = 3_600_000;

/** Until its time to begin has come. */
export const windowWaitMs = ({ notBefore }: { readonly notBefore?: string }, nowMs: number): number =>
  notBefore === undefined ? 0 : Math.min(Math.max(Date.parse(notBefore) - nowMs, 0), longestWaitMs);

/** From when on the deadline counts: not before its time, and of what goes after something else, since that has ended. */
const beginsAtMs = (history: OperationHistory, requestedAtMs: number, ahead: Ahead): number => {
  const { operation, events } = history;
  if (operation.status === 'absent') return requestedAtMs;
  const { status, after, notBefore } = operation;
  const [, begun] = events;
  const behindMs = status === 'running' && after !== undefined && begun ? Date.parse(begun.recordedAt) : requestedAtMs;
  const turnMs = ahead.ahead === 'succeeded' ? ahead.endedAtMs : behindMs;
  return notBefore === undefined ? turnMs : Math.max(turnMs, Date.parse(notBefore));
};

/** When it is, in ms since 1970, and when pauses held the operation, which its deadline does not count. */
export interface Moment {
  readonly nowMs: number;
  readonly holds: readonly Hold[];
}

/** Only what may have waited to be sent: what the cloud has taken goes on under a pause. */
const heldMsOf = (
  history: OperationHistory,
  { sends }: KindRules,
  { nowMs, holds }: Moment,
  beginsMs: number,
): number => {
  const { operation } = history;
  if (!sends) return 0;
  const isTaken = operation.status === 'running' && operation.phase === 'accepted';
  return heldWithinMs(holds, beginsMs, (isTaken ? lastTimeOf(history, 'SendAccepted') : undefined) ?? nowMs);
};

/** What is due for an operation, from the log, the notes and the time. Pure: the worker carries it out and reports. */
export const planStep = (
  history: OperationHistory,
  rules: KindRules,
  notes: Notes,
  patience: Patience,
  moment: Moment,
  ahead: Ahead = nothingAhead,
): Step => {
  const { operation } = history;
  const { nowMs } = moment;
  if (!isOpen(operation)) return { do: 'nothing' };
  if (operation.parts.length > 0) return { do: 'gather' };
  const requestedAtMs = lastTimeOf(history, 'OperationRequested') ?? nowMs;
  const beginsMs = beginsAtMs(history, requestedAtMs, ahead);
  const startMs = beginsMs + heldMsOf(history, rules, moment, beginsMs);
  const late = nowMs > startMs + rules.deadlineMs;

  if (isBeforeItsTime(operation, nowMs))
    return { do: 'wait', forMs: windowWaitMs(operation, nowMs), waitingFor: 'window' };
  if (operation.status === 'queued') {
    if (operation.cancelRequested) return { do: 'conclude-cancel' };
    if (ahead.ahead === 'failed') return { do: 'not-begin' };
    if (ahead.ahead === 'open') {
      const { least, most, shareOfAge } = pauseBehind;
      const forMs = Math.min(Math.max((nowMs - requestedAtMs) * shareOfAge, least), most);
      return { do: 'wait', forMs, waitingFor: null };
    }
    if (late) return { do: 'give-up' };
    return rules.sends
      ? { do: 'send', attempt: 1, provenUnsent: false }
      : { do: 'look', sinceMs: requestedAtMs, last: false };
  }
  const intendedAtMs = lastTimeOf(history, 'SendIntended') ?? requestedAtMs;
  switch (operation.phase) {
    case 'watching':
      if (operation.cancelRequested) return { do: 'conclude-cancel' };
      return late ? { do: 'give-up' } : { do: 'look', sinceMs: requestedAtMs, last: false };
    case 'accepted':
      // A last look tells in the end, unless the cloud cannot be reached at all for as long again.
      if (nowMs > startMs + 2 * rules.deadlineMs) return { do: 'give-up' };
      return { do: 'look', sinceMs: lastTimeOf(history, 'SendAccepted') ?? intendedAtMs, last: late };
    case 'cleared':
      if (operation.cancelRequested) return { do: 'conclude-cancel' };
      return late ? { do: 'give-up' } : { do: 'send', attempt: operation.attempts + 1, provenUnsent: false };
    case 'sending':
    case 'lost': {
      const attempt = operation.attempts;
      if (notes.unsent && operation.phase === 'sending') {
        // Proven unsent is as safe a point as cleared; the proof is turned into an event before anything else happens.
        if (operation.cancelRequested || late)
          return { do: 'look-up', attempt, sinceMs: intendedAtMs, enough: { count: 0, notBeforeMs: 0 } };
        return { do: 'send', attempt: attempt + 1, provenUnsent: true };
      }
      // Looking tells in the end, unless the cloud cannot be reached at all for as long again.
      if (nowMs > startMs + 2 * rules.deadlineMs) return { do: 'give-up' };
      return { do: 'look-up', attempt, sinceMs: intendedAtMs, enough: enoughLooks(rules, intendedAtMs, patience) };
    }
  }
};
