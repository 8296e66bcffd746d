import { setTimeout as pause } from 'node:timers/promises';
import { CloudSilent, type CloudAccess, type Sent, type WriteOptions } from '../disk-cloud.js';
import { judge, ownFault, type Outcome } from './evs.faults.js';
import { HttpExchange } from './http-exchange.js';
import { IamToken, type TokenAnswer } from './iam-token.js';
import { Secrets } from './secrets.js';

export interface EvsOptions {
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
   * Waits for a place in the budget that all requests to this cloud share. Asked before every read, and never before a write,
   * which would be too late for its intent: whoever writes has waited before.
   */
  readonly turn: () => Promise<void>;
}

const defaults: EvsOptions = {
  readTimeoutMs: 10_000,
  readDeadlineMs: 15_000,
  retryPauseMs: 300,
  loginTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  connectionsPerEndpoint: 32,
  nowMs: () => performance.now(),
  turn: () => Promise.resolve(),
};

/** Disks are attached by the service of the servers. */
export type Service = 'evs' | 'ecs';

export interface EvsCall {
  /** `evs` unless told otherwise. */
  readonly service?: Service;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Jobs live under `v1`, everything else under `v2` (EVS reference §1.1). */
  readonly version: 'v1' | 'v2';
  /** After the project: `/cloudvolumes`. Ids in it are encoded already (`segment`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export type Answered = Extract<Outcome, { kind: 'answered' }>;
export type Refused = Extract<Outcome, { kind: 'refused' }>;
export type NotAccepted = Exclude<Sent, { outcome: 'accepted' }>;

export const segment = (id: string): string => encodeURIComponent(id);

/** A deadline shared by the calls of one write, and the caller's last word before each leaves. */
export interface WriteWindow {
  readonly endsAtMs: number;
  readonly mayStillSend: () => boolean;
}

/** One cloud project over HTTP: token, time-outs, and what an exchange means. Knows no resource. */
export class EvsClient {
  readonly #options: EvsOptions;
  readonly #http: HttpExchange;
  readonly #secrets: Secrets;
  readonly #token: IamToken;
  readonly #bases: Readonly<Record<'evs', string> & Partial<Record<Service, string>>>;
  readonly #project: string;

  constructor(access: CloudAccess, options: Partial<EvsOptions> = {}) {
    this.#options = { ...defaults, ...options };
    this.#http = new HttpExchange(this.#options);
    this.#secrets = new Secrets(access.credentials.password);
    const iam = new URL(`${endpointOf(access, 'iam').replace(/\/v3$/, '')}/v3/auth/tokens?nocatalog=true`);
    this.#token = new IamToken(access, iam, this.#http, this.#secrets, this.#options);
    this.#bases = {
      evs: endpointOf(access, 'evs'),
      ...(access.endpoints['ecs'] !== undefined && { ecs: endpointOf(access, 'ecs') }),
    };
    this.#project = access.cloudProjectId;
  }

  /** The cloud project's own id, for the few paths that name it twice. */
  get projectId(): string {
    return this.#project;
  }

  /** Texts of the cloud that go into a fault pass through here. */
  clean(text: string): string {
    return this.#secrets.clean(text);
  }

  window({ timeoutMs, mayStillSend }: WriteOptions): WriteWindow {
    return { endsAtMs: this.#options.nowMs() + timeoutMs, mayStillSend };
  }

  /** A call without effect, repeated once inside its deadline if it was not answered. Throws `CloudSilent`. */
  async read(call: EvsCall): Promise<Answered | Refused> {
    await this.#options.turn();
    const endsAtMs = this.#options.nowMs() + this.#options.readDeadlineMs;
    const first = await this.#readOnce(call, endsAtMs);
    if (first.kind !== 'unclear' && first.kind !== 'nothing-happened') return answeredOrSilent(first);
    if (first.kind === 'nothing-happened' && first.retryAfterMs !== null) return answeredOrSilent(first);
    const leftMs = endsAtMs - this.#options.nowMs() - this.#options.retryPauseMs;
    if (leftMs <= 0) return answeredOrSilent(first);
    await Promise.all([pause(this.#options.retryPauseMs), this.#options.turn()]);
    return answeredOrSilent(await this.#readOnce(call, endsAtMs));
  }

  /** As `read`, for calls that have no refusal of their own to tell. */
  async readAnswer(call: EvsCall): Promise<Answered> {
    const outcome = await this.read(call);
    if (outcome.kind === 'answered') return outcome;
    throw new CloudSilent(outcome.fault, outcome.reason === 'forbidden' ? 'unauthenticated' : 'unavailable', null);
  }

  /** A call with an effect: sent at most once, unless the cloud proves that it turned the token away. */
  async write(call: EvsCall, window: WriteWindow): Promise<Answered | NotAccepted> {
    const { service = 'evs' } = call;
    if (this.#bases[service] === undefined)
      return { outcome: 'refused', reason: 'invalid', fault: noEndpoint(service) };
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
    return this.#http.close();
  }

  #readOnce(call: EvsCall, endsAtMs: number): Promise<Outcome> {
    const attemptEndsAtMs = Math.min(endsAtMs, this.#options.nowMs() + this.#options.readTimeoutMs);
    return this.#authorised(call, attemptEndsAtMs, () => true);
  }

  async #authorised(call: EvsCall, endsAtMs: number, mayStillSend: () => boolean): Promise<Outcome> {
    const first = await this.#attempt(call, endsAtMs, mayStillSend);
    return first.kind === 'token-rejected' && first.mayLogInAgain ? this.#attempt(call, endsAtMs, mayStillSend) : first;
  }

  async #attempt(
    call: EvsCall,
    endsAtMs: number,
    mayStillSend: () => boolean,
  ): Promise<Outcome & { readonly mayLogInAgain?: boolean }> {
    const answer = await this.#tokenBefore(endsAtMs);
    if (!answer.ok) return withoutToken(answer);
    const exchange = await this.#http.send({
      url: this.#urlOf(call),
      method: call.method,
      headers: headersOf(call, answer.token),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      timeoutMs: endsAtMs - this.#options.nowMs(),
      mayStillSend,
    });
    const outcome = judge(exchange, this.#secrets);
    if (outcome.kind === 'token-rejected') {
      this.#token.rejected(answer.token, outcome.fault);
      return { ...outcome, mayLogInAgain: true };
    }
    if (outcome.kind === 'answered' || outcome.kind === 'refused') this.#token.accepted(answer.token);
    return outcome;
  }

  /** A login may be shared with callers that have more time, so each waits for it no longer than its own deadline. */
  async #tokenBefore(endsAtMs: number): Promise<TokenAnswer> {
    const tooLate = new AbortController();
    const expired = pause(Math.max(0, endsAtMs - this.#options.nowMs()), loginTookTooLong, { signal: tooLate.signal });
    try {
      return await Promise.race([this.#token.current(), expired]);
    } finally {
      expired.catch(() => undefined);
      tooLate.abort();
    }
  }

  #urlOf({ service = 'evs', version, path, query = {} }: EvsCall): URL {
    const url = new URL(`${this.#bases[service] ?? ''}/${version}/${segment(this.#project)}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }
}

const noEndpoint = (service: Service) =>
  ownFault(`no-${service}-endpoint`, `the binding names no endpoint for ${service}: a platform admin can add it`);

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

const headersOf = (call: EvsCall, token: string): Record<string, string> => ({
  'x-auth-token': token,
  accept: 'application/json',
  ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
});

const endpointOf = ({ endpoints }: CloudAccess, service: string): string => {
  const endpoint = endpoints[service];
  if (endpoint === undefined) throw new TypeError(`the access names no endpoint for ${service}`);
  return endpoint.replace(/\/+$/, '');
};
