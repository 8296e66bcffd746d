import type { AccessKeyCredentials, CloudFault } from '../disk-cloud.js';
import type { Exchange, HttpRequest } from '../wire/http-exchange.js';
import type { Entrance } from '../wire/service-client.js';
import { canonicalQuery, withSignature } from './access-key.signature.js';
import { ClosedDoor } from './closed-door.js';
import type { TokenAnswer } from './iam-token.js';

type Unsigned = Omit<HttpRequest, 'timeoutMs' | 'mayStillSend'>;

/** A signature is good for 15 minutes; a clock that is off by less than this is not what was wrong. */
const worthCorrectingMs = 60_000;

/**
 * An access key and its secret at one service: every request is signed by itself, so nothing has to be had first and nothing
 * is renewed.
 * A signature that was turned away while the cloud's clock (`Date`) shows another time is made again by that clock. A key
 * that never worked, or works no longer, closes the door for a while.
 */
export class AccessKey {
  readonly #door: ClosedDoor;
  /** Ahead of ours, in ms: as signatures are dated, and as last heard. */
  #aheadMs = 0;
  #heardAheadMs = 0;
  /** Grows when a signature was turned away: what was signed before says no more about the key. */
  #generation = 1;
  #proven = false;

  constructor(
    private readonly key: AccessKeyCredentials,
    private readonly cloudProjectId: string,
    private readonly clocks: { readonly nowMs: () => number; readonly wallClockMs: () => number },
  ) {
    this.#door = new ClosedDoor(clocks.nowMs);
  }

  current(): Promise<TokenAnswer> {
    return Promise.resolve(this.#door.answer ?? { ok: true, token: String(this.#generation), login: null });
  }

  accepted(generation: string): void {
    if (generation !== String(this.#generation)) return;
    this.#proven = true;
    this.#door.forgetFailures();
  }

  rejected(generation: string, fault: CloudFault): void {
    if (generation !== String(this.#generation)) return;
    const clockWasOff = Math.abs(this.#heardAheadMs - this.#aheadMs) > worthCorrectingMs;
    if (clockWasOff) this.#aheadMs = this.#heardAheadMs;
    else if (!this.#proven) this.#door.close({ ok: false, why: 'unauthenticated', fault, retryAfterMs: null });
    this.#proven = false;
    this.#generation += 1;
  }

  /** Every answer tells the cloud's time. */
  hear(exchange: Exchange): void {
    if (exchange.kind !== 'answered') return;
    const { date } = exchange.headers;
    const cloudMs = typeof date === 'string' ? Date.parse(date) : NaN;
    if (!Number.isNaN(cloudMs)) this.#heardAheadMs = cloudMs - this.clocks.wallClockMs();
  }

  /** The extra headers are signed too, as the current client libraries of this cloud do (EVS reference §7.2). */
  sign(request: Unsigned): Unsigned {
    const { securityToken, signature = 'simple' } = this.key;
    const url = new URL(request.url);
    url.search = canonicalQuery(url);
    const headers = {
      ...request.headers,
      'x-project-id': this.cloudProjectId,
      ...(securityToken !== undefined && { 'x-security-token': securityToken }),
    };
    const at = new Date(this.clocks.wallClockMs() + this.#aheadMs);
    return { ...request, url, headers: withSignature({ ...request, url, headers }, this.key, signature, at) };
  }
}

/** One access key at every service: each has a clock of its own, takes the key or does not, and closes the door to itself only. */
export class AccessKeys implements Entrance {
  readonly #keys = new Map<string | undefined, AccessKey>();

  constructor(private readonly made: () => AccessKey) {}

  at(neighbour?: string): AccessKey {
    const known = this.#keys.get(neighbour);
    if (known !== undefined) return known;
    const key = this.made();
    this.#keys.set(neighbour, key);
    return key;
  }

  current(neighbour?: string): Promise<TokenAnswer> {
    return this.at(neighbour).current();
  }

  accepted(generation: string, neighbour?: string): void {
    this.at(neighbour).accepted(generation);
  }

  rejected(generation: string, fault: CloudFault, neighbour?: string): void {
    this.at(neighbour).rejected(generation, fault);
  }
}
