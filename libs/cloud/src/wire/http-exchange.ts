import { Agent, type Dispatcher } from 'undici';

export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Hard end, in ms from now, whatever the request is doing then. */
  readonly timeoutMs: number;
  /** Asked when a connection is ready and no byte has left; false sends nothing. */
  readonly mayStillSend: () => boolean;
}

export interface HttpAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What became of one HTTP request. `not-sent` proves that no byte of it left; `lost` proves nothing. */
export type Exchange =
  | HttpAnswer
  | { readonly kind: 'not-sent'; readonly cause: string }
  | { readonly kind: 'lost'; readonly cause: string };

/** Told of all that is sent to an endpoint, and asked before. */
export interface EndpointWatch {
  /** Why nothing may be sent there at the moment; null when it may. */
  enter(origin: string): Promise<string | null>;
  heard(origin: string, exchange: Exchange): void;
}

export interface HttpExchangeOptions {
  readonly watch?: EndpointWatch;
  readonly connectionsPerEndpoint: number;
  readonly connectTimeoutMs: number;
}

const maxResponseBytes = 64 * 1024 * 1024;

/**
 * A pool of kept connections that answers in outcomes instead of exceptions. It never follows redirects and never sends
 * a request twice. HTTP/1.1 only: there the moment before the first byte leaves is one well-defined callback.
 */
export class HttpExchange {
  readonly #agent: Agent;
  readonly #watch: EndpointWatch | undefined;

  constructor({ connectionsPerEndpoint, connectTimeoutMs, watch }: HttpExchangeOptions) {
    this.#watch = watch;
    this.#agent = new Agent({
      connections: connectionsPerEndpoint,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: connectTimeoutMs },
      maxResponseSize: maxResponseBytes,
    });
  }

  async send(request: HttpRequest): Promise<Exchange> {
    const { origin } = request.url;
    const closed = (await this.#watch?.enter(origin)) ?? null;
    if (closed !== null) return { kind: 'not-sent', cause: closed };
    const exchange = await this.#dispatch(request);
    this.#watch?.heard(origin, exchange);
    return exchange;
  }

  #dispatch(request: HttpRequest): Promise<Exchange> {
    return new Promise((resolve) => {
      const flight = new Flight(request, resolve);
      try {
        this.#agent.dispatch(
          {
            origin: request.url.origin,
            path: request.url.pathname + request.url.search,
            method: request.method,
            headers: request.headers,
            body: request.body,
            // Ours is the time-out that counts; undici's coarser ones would only come later.
            headersTimeout: 0,
            bodyTimeout: 0,
          },
          flight,
        );
      } catch (error) {
        flight.fail(error);
      }
    });
  }

  /** Breaks off what is still under way: it settles as lost, or as not sent. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** One request on its way: knows whether its first byte may have left, and settles exactly once. */
class Flight implements Dispatcher.DispatchHandler {
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #hasLeft = false;
  #settled = false;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};

  constructor(
    private readonly request: HttpRequest,
    private readonly resolve: (exchange: Exchange) => void,
  ) {
    this.#timer = setTimeout(() => this.#timeOut(), Math.max(0, request.timeoutMs));
  }

  /** Throwing here makes undici drop the request before it writes anything. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) throw new Error('too late');
    if (this.#hasLeft) {
      this.#settle({ kind: 'lost', cause: 'connection-reset' });
      throw new Error('a request leaves once');
    }
    if (!this.request.mayStillSend()) {
      this.#settle({ kind: 'not-sent', cause: 'too-late-to-send' });
      throw new Error('too late');
    }
    this.#controller = controller;
    this.#hasLeft = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    this.#settle({ kind: 'answered', status: this.#status, headers: this.#headers, text });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** Only the error's code goes on: a message could quote what was sent. */
  fail(error: unknown): void {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
    this.#settle({ kind: this.#hasLeft ? 'lost' : 'not-sent', cause: code ?? 'connection-failed' });
  }

  #timeOut(): void {
    this.#settle({ kind: this.#hasLeft ? 'lost' : 'not-sent', cause: 'timeout' });
    this.#controller?.abort(new Error('timeout'));
  }

  #settle(exchange: Exchange): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.resolve(exchange);
  }
}
