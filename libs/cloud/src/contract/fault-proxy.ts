import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Fault, FaultyCall } from './trial.js';

/** What a call is about, in our words, and where it goes; by a path that begins with the name of a service. */
export interface ProxiedCall {
  readonly call: FaultyCall | null;
  readonly url: URL;
}

interface Request extends ProxiedCall {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/**
 * Stands before a cloud that cannot be told to fail, and fails in its place: calls are not passed on, or their answers are
 * not passed back. Knows none of the faults of jobs and of searches by tag.
 */
export class FaultProxy {
  readonly #server = createServer((message, response) => void this.#take(message, response));
  readonly #passing = new Set<Promise<unknown>>();
  readonly #counts = new Map<FaultyCall, number>();
  #faults: { readonly fault: Fault; left: number }[] = [];

  private constructor(private readonly route: (method: string, path: string) => ProxiedCall) {}

  static async start(route: (method: string, path: string) => ProxiedCall): Promise<FaultProxy> {
    const proxy = new FaultProxy(route);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Replaces the faults that were on. */
  set(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? Infinity }));
  }

  calls(kind: FaultyCall): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Until the cloud has answered what was passed on to it, whoever still waits for the answer. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#passing);
  }

  async close(): Promise<void> {
    await this.settled();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(message);
    const method = message.method ?? 'GET';
    const proxied = this.route(method, message.url ?? '/');
    if (proxied.call !== null) this.#counts.set(proxied.call, this.calls(proxied.call) + 1);
    const request = { ...proxied, method, headers: headersOf(message), body: body === '' ? undefined : body };
    const fault = this.#faultOf(proxied.call);
    switch (fault?.kind) {
      case 'throttled':
        return void response.writeHead(429).end();
      case 'bad-gateway':
        return void response.writeHead(502).end();
      case 'gateway-timeout':
        return void response.writeHead(504).end();
      case 'request-lost':
        return void message.socket.destroy();
      case 'metadata-filter-ignored':
        request.url.searchParams.delete('metadata');
    }
    const answer = await this.#pass(request);
    if (fault?.kind === 'hangs') return;
    if (fault?.kind === 'answer-lost' || answer === null) return void message.socket.destroy();
    if (fault?.kind === 'error-after-accept') return void response.writeHead(500).end();
    response.writeHead(answer.status, answer.headers).end(answer.text);
  }

  #faultOf(call: FaultyCall | null): Fault | undefined {
    const found = this.#faults.find(({ fault, left }) => left > 0 && call !== null && fault.on.includes(call));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }

  /** null when the cloud did not answer. */
  async #pass({ url, method, headers, body }: Request) {
    const passing = fetch(url, { method, headers, ...(body !== undefined && { body }) }).then(async (answer) => ({
      status: answer.status,
      headers: passedBack(answer.headers),
      text: await answer.text(),
    }));
    this.#passing.add(passing);
    try {
      return await passing;
    } catch {
      return null;
    } finally {
      this.#passing.delete(passing);
    }
  }
}

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
]);

const headersOf = ({ headers }: IncomingMessage): Headers =>
  new Headers(
    Object.entries(headers).flatMap(([name, value]) =>
      hopByHop.has(name) || typeof value !== 'string' ? [] : [[name, value] as [string, string]],
    ),
  );

const passedBack = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !hopByHop.has(name)));
