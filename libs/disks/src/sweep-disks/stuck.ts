import type { RecordedEvent } from '@strata/event-store';
import { inMilliseconds } from '@strata/projects';
import { statusSince, type Difference } from '../finding/index.js';

const minutes = 60_000;
const hours = 60 * minutes;

/** So long a state may last that should pass, while no operation of ours works on the thing: then it is stuck. In ms. */
export const lastsAtMostMs: Readonly<Record<string, number>> = {
  attaching: 30 * minutes,
  detaching: 30 * minutes,
  creating: hours,
  extending: hours,
  deleting: hours,
  'rolling-back': 2 * hours,
  retyping: 6 * hours,
  'backing-up': 6 * hours,
  restoring: 6 * hours,
  uploading: 6 * hours,
  // It passes by nothing but another try, or by the vendor's hand.
  'error-deleting': 5 * minutes,
};

/** Whether it is a state that should pass. */
export const isPassing = (status: string): boolean => Object.hasOwn(lastsAtMostMs, status);

/** How the state that the log knows follows from the events of a stream. */
export interface Known<State> {
  readonly initial: State;
  evolve(state: State, event: RecordedEvent): State;
  /** Null while nothing is in the cloud. */
  conditionOf(state: State): string | null;
}

/** The state that the log knows, and since when; RFC 3339. */
const knownSince = <State>(events: readonly RecordedEvent[], { initial, evolve, conditionOf }: Known<State>) => {
  let [state, since] = [initial, ''];
  for (const event of events) {
    const next = evolve(state, event);
    if (conditionOf(next) !== conditionOf(state)) since = event.recordedAt;
    state = next;
  }
  return { condition: conditionOf(state), since };
};

/** What says that a thing is stuck, if it is: the log has known it in the state in which it was seen for too long. */
export const stuckSince = <State>(
  events: readonly RecordedEvent[],
  known: Known<State>,
  seen: { readonly status: string; readonly cloudStatus: string },
  now: string,
): Difference | undefined => {
  const longestMs = lastsAtMostMs[seen.status];
  if (longestMs === undefined) return undefined;
  const { condition, since } = knownSince(events, known);
  if (condition !== seen.status || Date.parse(now) - Date.parse(since) < longestMs) return undefined;
  return { member: statusSince, log: inMilliseconds(since), cloud: seen.cloudStatus };
};
