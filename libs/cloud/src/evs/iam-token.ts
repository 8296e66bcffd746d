import { z } from 'zod';
import type { CloudFault, PasswordCredentials } from '../disk-cloud.js';
import { ClosedDoor, type NoEntry } from './closed-door.js';
import { judge, ownFault, type Outcome } from './evs.faults.js';
import { parseTime } from './evs.times.js';
import type { Exchange, HttpExchange } from '../wire/http-exchange.js';
import type { Secrets } from '../wire/secrets.js';
import type { Entrance, ServiceOptions } from '../wire/service-client.js';

export interface PasswordAccess {
  readonly cloudProjectId: string;
  readonly credentials: PasswordCredentials;
}

export type TokenAnswer =
  /** `login`: the body that came with the token, where a service catalogue may be read from. */
  { readonly ok: true; readonly token: string; readonly login: unknown } | NoEntry;

interface Held {
  readonly token: string;
  readonly login: unknown;
  readonly renewFromMs: number;
  readonly expiresAtMs: number;
  /** Some service took it at least once: only then is a later rejection a reason to log in again at once. */
  proven: boolean;
}

/** How one service takes what it is shown. */
interface Standing {
  /** Closed after a token that a login had just brought: another login would bring no better. */
  readonly door: ClosedDoor;
  /** The token that it turned away, so that it is to be shown a newer one. */
  turnedAway: string | null;
  /** A neighbour that did not take a new token either: it is shown what the others take, and no login is made for it. */
  isEstranged: boolean;
}

const minute = 60_000;
const assumedLifetimeMs = 24 * 60 * minute;

const TokenBody = z.object({
  token: z.object({ issued_at: z.string().nullish(), expires_at: z.string().nullish() }),
});

/**
 * The project-scoped token of one access. At most one login is under way, whatever asks; a token is renewed in the
 * background 30–60 minutes before it ends, and a failed login keeps everyone from the door for a while.
 * Its lifetime is counted on our monotonic clock, so a skewed wall clock does no harm.
 *
 * What a service does not take is renewed once, whichever notices first, and stays for the others until there is a new one.
 * A service that does not take the new one either has only its own door closed. After that the main one gets another login
 * each time its door opens, as nothing is done without it; a neighbour gets none until it took a token.
 */
export class IamToken implements Entrance {
  readonly #request: { readonly url: URL; readonly body: string };
  #held: Held | null = null;
  #login: Promise<TokenAnswer> | null = null;
  /** A login failed after the one that brought this token: that the token is taken says nothing of the next login. */
  #hasFailedSince = false;
  /** Of logins. */
  readonly #door: ClosedDoor;
  readonly #standings = new Map<string | undefined, Standing>();

  constructor(
    access: PasswordAccess,
    iam: URL,
    private readonly http: HttpExchange,
    private readonly secrets: Secrets,
    private readonly options: Pick<ServiceOptions, 'loginTimeoutMs' | 'nowMs' | 'turn'>,
  ) {
    this.#request = { url: iam, body: JSON.stringify(passwordLogin(access)) };
    this.#door = new ClosedDoor(options.nowMs);
  }

  async current(neighbour?: string): Promise<TokenAnswer> {
    const { door, turnedAway } = this.#standingOf(neighbour);
    const closed = door.answer;
    if (closed !== null) return closed;
    const held = this.#held;
    const now = this.options.nowMs();
    if (held !== null && now < held.expiresAtMs && held.token !== turnedAway) {
      if (now >= held.renewFromMs) void this.#logIn();
      return { ok: true, token: held.token, login: held.login };
    }
    return this.#logIn();
  }

  /** The service answered a call made with this token: it is good there. What it turned away since stays so. */
  accepted(token: string, neighbour?: string): void {
    const standing = this.#standingOf(neighbour);
    if (this.#held?.token !== token || standing.turnedAway === token) return;
    this.#held.proven = true;
    if (!this.#hasFailedSince) this.#door.forgetFailures();
    standing.door.forgetFailures();
    standing.turnedAway = null;
    standing.isEstranged = false;
  }

  /** The service did not accept this token. However many calls report it, it counts once. */
  rejected(token: string, fault: CloudFault, neighbour?: string): void {
    const standing = this.#standingOf(neighbour);
    if (this.#held?.token !== token || standing.turnedAway === token || standing.door.answer !== null) return;
    const mayHaveEnded = this.#held.proven && standing.turnedAway === null && !standing.isEstranged;
    if (!mayHaveEnded) {
      standing.door.close({ ok: false, why: 'unauthenticated', fault, retryAfterMs: null });
      standing.isEstranged = neighbour !== undefined;
    }
    standing.turnedAway = standing.isEstranged ? null : token;
  }

  #standingOf(neighbour: string | undefined): Standing {
    const known = this.#standings.get(neighbour);
    if (known !== undefined) return known;
    const standing = { door: new ClosedDoor(this.options.nowMs), turnedAway: null, isEstranged: false };
    this.#standings.set(neighbour, standing);
    return standing;
  }

  #logIn(): Promise<TokenAnswer> {
    const closed = this.#door.answer;
    if (closed !== null) return Promise.resolve(closed);
    this.#login ??= this.#askForToken().finally(() => (this.#login = null));
    return this.#login;
  }

  async #askForToken(): Promise<TokenAnswer> {
    await this.options.turn(this.#request.url.origin, 'everybody');
    const exchange = await this.http.send({
      url: this.#request.url,
      method: 'POST',
      headers: { 'content-type': 'application/json;charset=utf8', accept: 'application/json' },
      body: this.#request.body,
      timeoutMs: this.options.loginTimeoutMs,
      mayStillSend: () => true,
    });
    const outcome = judge(exchange, this.secrets);
    return outcome.kind === 'answered' ? this.#hold(exchange, outcome) : this.#failed(refusalOf(outcome));
  }

  #failed(answer: NoEntry): NoEntry {
    this.#hasFailedSince = true;
    return this.#door.close(answer);
  }

  #hold(exchange: Exchange, { json, requestId }: Extract<Outcome, { kind: 'answered' }>): TokenAnswer {
    const token = exchange.kind === 'answered' ? exchange.headers['x-subject-token'] : undefined;
    if (typeof token !== 'string' || token === '') {
      const fault = ownFault('no-token', 'the login was answered without a token', requestId);
      return this.#failed({ ok: false, why: 'unavailable', fault, retryAfterMs: null });
    }
    this.secrets.remember(token);
    const now = this.options.nowMs();
    const lifetimeMs = lifetimeOf(json);
    const earlyMs = Math.min((30 + Math.random() * 30) * minute, lifetimeMs / 2);
    const expiresAtMs = now + lifetimeMs;
    this.#held = { token, login: json, renewFromMs: expiresAtMs - earlyMs, expiresAtMs, proven: false };
    this.#hasFailedSince = false;
    this.#door.open();
    return { ok: true, token, login: json };
  }
}

/** EVS and its neighbours want project scope (EVS reference §7.1). */
const passwordLogin = ({ cloudProjectId, credentials: { domain, user, password } }: PasswordAccess) => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name: user, password, domain: { name: domain } } } },
    scope: { project: { id: cloudProjectId } },
  },
});

const lifetimeOf = (json: unknown): number => {
  const parsed = TokenBody.safeParse(json);
  const issued = parsed.success ? parseTime(parsed.data.token.issued_at) : null;
  const expires = parsed.success ? parseTime(parsed.data.token.expires_at) : null;
  if (issued === null || expires === null) return assumedLifetimeMs;
  return Math.max(0, Date.parse(expires) - Date.parse(issued));
};

/** `IAM.0062` and its kin say 401; only throttling and silence are worth asking again soon. */
const refusalOf = (outcome: Exclude<Outcome, { kind: 'answered' }>): NoEntry => {
  switch (outcome.kind) {
    case 'throttled':
      return { ok: false, why: 'throttled', fault: outcome.fault, retryAfterMs: outcome.retryAfterMs };
    case 'unclear':
      return { ok: false, why: 'unavailable', fault: outcome.fault, retryAfterMs: null };
    case 'nothing-happened':
      return { ok: false, why: 'unavailable', fault: outcome.fault, retryAfterMs: outcome.retryAfterMs };
    case 'token-rejected':
    case 'refused':
      return { ok: false, why: 'unauthenticated', fault: outcome.fault, retryAfterMs: null };
  }
};
