import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore, TokenStore } from '@strata/event-store';
import type { Caller, StreamEvent } from '@strata/http';

import { showEvent } from './event.resource.js';
import { isLastOf, readEvents, type EventScope } from './event-scope.js';

export interface FollowPorts {
  readonly store: EventStore;
  readonly tokens: TokenStore;
}

export interface FollowBounds {
  /** A revoked token closes the stream after so long at the latest (http-api.md: 60 s). */
  readonly tokenCheckMs: number;
  /** A busy log grows all the time: between two reads at least so long. */
  readonly betweenReadsMs: number;
}

export const followBounds: FollowBounds = { tokenCheckMs: 20_000, betweenReadsMs: 50 };

/** Where a stream starts: after a position; or now, telling first that what was read before may be gone. */
export type StartAt = { readonly after: number } | { readonly after: number; readonly reset: true };

const pageSize = 200;

/**
 * The events of a scope as they come, from a position on, until the scope's last event, the end of the caller's token, or
 * abort. After a restore of the log it says `reset` and ends.
 */
export async function* followEvents(
  { store, tokens }: FollowPorts,
  scope: EventScope,
  start: StartAt,
  caller: Caller,
  signal: AbortSignal,
  bounds: FollowBounds = followBounds,
): AsyncGenerator<StreamEvent> {
  const { incarnation } = await store.head();
  let { after } = start;
  if ('reset' in start) yield reset(after);
  let checkedAt = performance.now();
  while (!signal.aborted) {
    if (performance.now() - checkedAt >= bounds.tokenCheckMs) {
      if (!(await isStanding(tokens, caller))) return;
      checkedAt = performance.now();
    }
    const head = await store.head();
    if (head.incarnation !== incarnation) return yield reset(head.position);
    const { events, through, more } = await readEvents(store, scope, after, head.position, pageSize);
    for (const event of events) {
      yield { id: event.position, event: event.type, data: showEvent(event) };
      if (isLastOf(scope, event)) return;
    }
    after = through;
    if (!more) await news(store, head.position, checkedAt + bounds.tokenCheckMs, signal, bounds);
  }
}

const reset = (position: number): StreamEvent => ({ id: position, event: 'reset', data: { position } });

/** Resolves when the log has grown, or it is time to look at the token again. */
const news = async (
  store: EventStore,
  position: number,
  checkAt: number,
  signal: AbortSignal,
  { betweenReadsMs }: FollowBounds,
): Promise<void> => {
  await store.grownPast(position, Math.max(1, checkAt - performance.now()), signal);
  // An abort ends the pause early, which is no fault.
  await pause(betweenReadsMs, undefined, { signal }).catch(() => undefined);
};

const isStanding = async (tokens: TokenStore, { tokenId }: Caller): Promise<boolean> => {
  const token = await tokens.find(tokenId);
  if (!token || token.revokedAt !== null) return false;
  return token.expiresAt === null || Date.parse(token.expiresAt) > Date.now();
};
