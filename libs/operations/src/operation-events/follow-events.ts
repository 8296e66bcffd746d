import type { EventStore, RecordedEvent, TailSeat, TokenStore } from '@strata/event-store';
import type { Caller, StreamEvent } from '@strata/http';
import { namedInSight, showEvent } from './event.resource.js';
import { isLastOf, readEvents, type EventScope } from './event-scope.js';

export interface FollowPorts {
  readonly store: EventStore;
  readonly tokens: TokenStore;
}

export interface FollowBounds {
  /** A revoked token closes the stream after so long at the latest (http-api.md: 60 s). */
  readonly tokenCheckMs: number;
}

export const followBounds: FollowBounds = { tokenCheckMs: 20_000 };

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
  const token = new TokenCheck(tokens, caller, bounds.tokenCheckMs);
  const seat = store.tail(scope);
  try {
    if ('reset' in start) yield reset(start.after);
    for await (const piece of pieces(store, scope, seat, { after: start.after, incarnation }, token, signal)) {
      if ('restoredAt' in piece) return yield reset(piece.restoredAt);
      const inSight = await namedInSight(store, scope.sight, piece.events);
      for (const event of piece.events) {
        // A slow reader may take many minutes for one piece.
        if (!(await token.stands())) return;
        yield { id: event.position, event: event.type, data: showEvent(event, inSight) };
        if (isLastOf(scope, event)) return;
      }
    }
  } finally {
    seat.leave();
  }
}

type Piece = { readonly events: readonly RecordedEvent[] } | { readonly restoredAt: number };

/**
 * All that lies after a position, once. What lies before the reader's seat at the shared tail is read from the log, to which
 * also comes back who was too slow for the tail.
 */
async function* pieces(
  store: EventStore,
  scope: EventScope,
  seat: TailSeat,
  { after, incarnation }: { readonly after: number; readonly incarnation: string },
  token: TokenCheck,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const { keeps = () => true } = scope;
  let [told, seatedAt] = [after, after];
  while (!signal.aborted && (await token.stands())) {
    if (told < seatedAt) {
      const { events, through } = await readEvents(store, scope, told, seatedAt, pageSize);
      yield { events };
      told = through;
      continue;
    }
    const next = await seat.take(token.checkInMs, signal);
    if (next.kind === 'closed') return;
    if (next.kind === 'from') {
      if (next.incarnation !== incarnation) return yield { restoredAt: next.position };
      seatedAt = next.position;
    }
    if (next.kind === 'events') {
      const from = told;
      yield { events: next.events.filter((event) => event.position > from && keeps(event)) };
      told = Math.max(told, next.events.at(-1)?.position ?? told);
    }
  }
}

const reset = (position: number): StreamEvent => ({ id: position, event: 'reset', data: { position } });

/** Whether a token still stands, looked up now and then. */
class TokenCheck {
  #checkedAt = performance.now();

  constructor(
    private readonly tokens: TokenStore,
    private readonly caller: Caller,
    private readonly everyMs: number,
  ) {}

  /** At least 1, so that a wait for it is one. */
  get checkInMs(): number {
    return Math.max(1, this.#checkedAt + this.everyMs - performance.now());
  }

  async stands(): Promise<boolean> {
    if (performance.now() - this.#checkedAt < this.everyMs) return true;
    this.#checkedAt = performance.now();
    const token = await this.tokens.find(this.caller.tokenId);
    if (!token || token.revokedAt !== null) return false;
    return token.expiresAt === null || Date.parse(token.expiresAt) > Date.now();
  }
}
