import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../server/auth.js';
import { fingerprintOf } from './fingerprint.js';
import type { RequestHeaders, ResumeFrom, VersionMatch } from './request-headers.js';
import type { RouteDeclaration } from '../route/route.js';
import { abortSignalOf } from './abort-signal.js';

export interface InputParts<Params, Query, Body, Who> {
  readonly route: RouteDeclaration;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Who;
  readonly headers: RequestHeaders;
  readonly validateOnly: boolean;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly shutdown: AbortSignal;
}

/** A request that has been checked. What costs something (fingerprint, signal) is made when it is first asked for. */
export class RequestInput<
  Params = unknown,
  Query = unknown,
  Body = unknown,
  Who extends Caller | null = Caller | null,
> {
  readonly route: RouteDeclaration;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Who;
  /** `?validateOnly=true` on a write: tell the verdict, write nothing, ignore the key. */
  readonly validateOnly: boolean;
  readonly #parts: InputParts<Params, Query, Body, Who>;
  #fingerprint: string | undefined;

  constructor(parts: InputParts<Params, Query, Body, Who>) {
    this.route = parts.route;
    this.params = parts.params;
    this.query = parts.query;
    this.body = parts.body;
    this.caller = parts.caller;
    this.validateOnly = parts.validateOnly;
    this.#parts = parts;
  }

  /** `X-Request-Id`, taken or made. */
  get requestId(): string {
    return this.#parts.request.id;
  }

  /** W3C Trace Context, as received and well-formed. */
  get traceparent(): string | undefined {
    return this.#parts.headers.traceparent;
  }

  /** 1–128 printable ASCII characters. Undefined on reads and with `validateOnly`. */
  get idempotencyKey(): string | undefined {
    return this.validateOnly ? undefined : this.#parts.headers.idempotencyKey;
  }

  /** `versionMatches(input.ifMatch, version)` tells whether the write may go on, else `412 version-conflict`. */
  get ifMatch(): VersionMatch | undefined {
    return this.#parts.headers.ifMatch;
  }

  /** Reads answered with an `etag` become `304` by themselves. */
  get ifNoneMatch(): VersionMatch | undefined {
    return this.#parts.headers.ifNoneMatch;
  }

  /** `Prefer: wait=<1–60>`. */
  get prefer(): { readonly waitSeconds: number } | undefined {
    return this.#parts.headers.prefer;
  }

  /** `Strata-Min-Position` of this incarnation (another one is `410` already). */
  get minPosition(): number | undefined {
    return this.#parts.headers.minPosition;
  }

  /** `Last-Event-ID` of an event stream. */
  get lastEventId(): ResumeFrom | undefined {
    return this.#parts.headers.lastEventId;
  }

  /** The client asks for `text/event-stream` on a route that can stream. */
  get wantsStream(): boolean {
    return this.mediaType === 'text/event-stream';
  }

  /** Of the media types that the route can produce, the one that `Accept` wants most; JSON without one. */
  get mediaType(): string {
    return this.#parts.headers.mediaType;
  }

  /** SHA-256, hex, over method, path, query, `If-Match` and the body in canonical form (RFC 8785). */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.#parts.request);
    return this.#fingerprint;
  }

  /** Aborted when the client hung up or the server is stopping: whoever waits answers with what there is. */
  get signal(): AbortSignal {
    return abortSignalOf(this.#parts.reply, this.#parts.shutdown);
  }
}
