import { setTimeout as pause } from 'node:timers/promises';
import { CloudSilent, type CloudFault, type Sent, type WriteOptions } from '../disk-cloud.js';
import type { TokenAnswer } from '../evs/iam-token.js';
import type { EndpointWatch, Exchange, HttpExchange, HttpRequest } from './http-exchange.js';
import { ownFault, type Outcome } from './outcome.js';

export interface ServiceOptions {
  /** Hard end of one attempt of a read, in ms. */
  readonly readTimeoutMs: number;
  /** Hard end of a read with its one repetition, in ms. */
  readonly readDeadlineMs: number;
  /** Between a failed read and its repetition, in ms. */
  readonly retryPauseMs: number;
  readonly loginTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly connectionsPerEndpoint: number;
  /** A monotonic clock, in ms. */
  readonly nowMs: () => number;
  /**
   * Waits for a place in the budget that all requests to an endpoint share; without one, to the cloud's main one. Asked before
   * every read and every login, for which everybody waits, and never before a write, which would be too late for its intent:
   * whoever writes has waited before.
   */
  readonly turn: (endpoint?: string, waits?: 'everybody') => Promise<void>;
  readonly watch?: EndpointWatch;
}

export const serviceDefaults: ServiceOptions = {
  readTimeoutMs: 10_000,
  readDeadlineMs: 15_000,
  retryPauseMs: 300,
  loginTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  connectionsPerEndpoint: 32,
  nowMs: () => performance.now(),
  turn: () => Promise.resolve(),
};

export const segment = (id: string): string => encodeURIComponent(id);

export type Answered = Extract<Outcome, { kind: 'answered' }>;
export type Refused = Extract<Outcome, { kind: 'refused' }>;
export type NotAccepted = Exclude<Sent, { outcome: 'accepted' }>;
type Login = Extract<TokenAnswer, { ok: true }>;

/** A deadline shared by the calls of one write, and the caller's last word before each leaves. */
export interface WriteWindow {
  readonly endsAtMs: number;
  readonly mayStillSend: () => boolean;
}

/** How one cloud is spoken with. */
export interface Dialect<Call> {
  /** A fault when the call cannot be addressed: then nothing is sent. */
  requestOf(call: Call, login: Login): Omit<HttpRequest, 'timeoutMs' | 'mayStillSend'> | CloudFault;
  judge(exchange: Exchange, call: Call): Outcome;
  /** Base URL of what a call goes to, where a cloud has several. */
  endpointOf?(call: Call): string | undefined;
  /** The service that a call goes to, unless that is the cloud's main one. */
  neighbourOf?(call: Call): string | undefined;
}

/**
 * How a caller is let in: by a token that it gets first, or by keys that sign every request. What a neighbour of the main
 * service does not accept says nothing about the others: it may be another region's, or not know the user.
 */
export interface Entrance {
  current(neighbour?: string): Promise<TokenAnswer>;
  /** The service answered a call made with this. */
  accepted(token: string, neighbour?: string): void;
  /** The service did not accept this: the call had no effect, and is made once more with what is current then. */
  rejected(token: string, fault: CloudFault, neighbour?: string): void;
}

/** Calls with a token or a signature: time-outs, one repetition of reads, and what an exchange means. Knows no resource. */
export class ServiceClient<Call> {
  constructor(
    private readonly dialect: Dialect<Call>,
    private readonly http: HttpExchange,
    private readonly entrance: Entrance,
    private readonly options: ServiceOptions,
  ) {}

  window({ timeoutMs, mayStillSend }: WriteOptions): WriteWindow {
    return { endsAtMs: this.options.nowMs() + timeoutMs, mayStillSend };
  }

  /** A call without effect, repeated once inside its deadline if it was not answered. Throws `CloudSilent`. */
  async read(call: Call): Promise<Answered | Refused> {
    const endpoint = this.dialect.endpointOf?.(call);
    await this.options.turn(endpoint);
    const endsAtMs = this.options.nowMs() + this.options.readDeadlineMs;
    const first = await this.#readOnce(call, endsAtMs);
    if (first.kind !== 'unclear' && first.kind !== 'nothing-happened') return answeredOrSilent(first);
    if (first.kind === 'nothing-happened' && first.retryAfterMs !== null) return answeredOrSilent(first);
    const leftMs = endsAtMs - this.options.nowMs() - this.options.retryPauseMs;
    if (leftMs <= 0) return answeredOrSilent(first);
    await Promise.all([pause(this.options.retryPauseMs), this.options.turn(endpoint)]);
    return answeredOrSilent(await this.#readOnce(call, endsAtMs));
  }

  /** As `read`, for calls that have no refusal of their own to tell. */
  async readAnswer(call: Call): Promise<Answered> {
    const outcome = await this.read(call);
    if (outcome.kind === 'answered') return outcome;
    throw silentFor(outcome);
  }

  /** A call with an effect: sent at most once, unless the cloud proves that it turned the token away. */
  async write(call: Call, window: WriteWindow): Promise<Answered | NotAccepted> {
    const outcome = await this.#authorised(call, window.endsAtMs, window.mayStillSend);
    switch (outcome.kind) {
      case 'answered':
        return outcome;
      case 'refused':
        return { outcome: 'refused', reason: outcome.reason, fault: outcome.fault };
      case 'throttled':
        return { outcome: 'not-now', why: 'throttled', fault: outcome.fault, retryAfterMs: outcome.retryAfterMs };
      case 'nothing-happened':
      case 'token-rejected':
        return { outcome: 'not-now', why: 'unavailable', fault: outcome.fault, retryAfterMs: outcome.retryAfterMs };
      case 'unclear':
        return { outcome: 'unknown', fault: outcome.fault };
    }
  }

  close(): Promise<void> {
    return this.http.close();
  }

  #readOnce(call: Call, endsAtMs: number): Promise<Outcome> {
    const attemptEndsAtMs = Math.min(endsAtMs, this.options.nowMs() + this.options.readTimeoutMs);
    return this.#authorised(call, attemptEndsAtMs, () => true);
  }

  async #authorised(call: Call, endsAtMs: number, mayStillSend: () => boolean): Promise<Outcome> {
    const first = await this.#attempt(call, endsAtMs, mayStillSend);
    return first.kind === 'token-rejected' && first.mayLogInAgain ? this.#attempt(call, endsAtMs, mayStillSend) : first;
  }

  async #attempt(
    call: Call,
    endsAtMs: number,
    mayStillSend: () => boolean,
  ): Promise<Outcome & { readonly mayLogInAgain?: boolean }> {
    const neighbour = this.dialect.neighbourOf?.(call);
    const login = await this.#loginBefore(endsAtMs, neighbour);
    if (!login.ok) return withoutToken(login);
    const request = this.dialect.requestOf(call, login);
    if ('code' in request) return { kind: 'nothing-happened', fault: request, retryAfterMs: null };
    const timeoutMs = endsAtMs - this.options.nowMs();
    const outcome = this.dialect.judge(await this.http.send({ ...request, timeoutMs, mayStillSend }), call);
    if (outcome.kind === 'token-rejected') {
      this.entrance.rejected(login.token, outcome.fault, neighbour);
      return { ...outcome, mayLogInAgain: true };
    }
    if (outcome.kind === 'answered' || outcome.kind === 'refused') this.entrance.accepted(login.token, neighbour);
    return outcome;
  }

  /** A login may be shared with callers that have more time, so each waits for it no longer than its own deadline. */
  async #loginBefore(endsAtMs: number, neighbour: string | undefined): Promise<TokenAnswer> {
    const tooLate = new AbortController();
    const expired = pause(Math.max(0, endsAtMs - this.options.nowMs()), loginTookTooLong, { signal: tooLate.signal });
    try {
      return await Promise.race([this.entrance.current(neighbour), expired]);
    } finally {
      expired.catch(() => undefined);
      tooLate.abort();
    }
  }
}

/** What a refused read comes to, where a refusal has no meaning of its own. */
export const silentFor = ({ fault, reason }: Refused): CloudSilent =>
  new CloudSilent(fault, reason === 'forbidden' ? 'unauthenticated' : 'unavailable', null);

const loginTookTooLong: TokenAnswer = {
  ok: false,
  why: 'unavailable',
  fault: ownFault('login-timeout', 'the login was not answered in time, so nothing was sent'),
  retryAfterMs: null,
};

const withoutToken = ({ why, fault, retryAfterMs }: Extract<TokenAnswer, { ok: false }>): Outcome => {
  switch (why) {
    case 'throttled':
      return { kind: 'throttled', fault, retryAfterMs };
    case 'unavailable':
      return { kind: 'nothing-happened', fault, retryAfterMs };
    case 'unauthenticated':
      return { kind: 'token-rejected', fault, retryAfterMs };
  }
};

const answeredOrSilent = (outcome: Outcome): Answered | Refused => {
  switch (outcome.kind) {
    case 'answered':
    case 'refused':
      return outcome;
    case 'throttled':
      throw new CloudSilent(outcome.fault, 'throttled', outcome.retryAfterMs);
    case 'token-rejected':
      throw new CloudSilent(outcome.fault, 'unauthenticated', outcome.retryAfterMs);
    case 'nothing-happened':
      throw new CloudSilent(outcome.fault, 'unavailable', outcome.retryAfterMs);
    case 'unclear':
      throw new CloudSilent(outcome.fault, 'unavailable', null);
  }
};
