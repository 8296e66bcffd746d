import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EventStreamBounds, type StreamEvent, writeEventStream } from './answers/event-stream.js';
import { incarnation, stage } from './shelves/shelves.app.js';
import { openShelves, shelves, type ShelvesUnderTest } from './shelves/shelves.client.js';

const endless = (signal: { ended: boolean }): AsyncIterable<StreamEvent> => ({
  async *[Symbol.asyncIterator]() {
    try {
      for (let position = 1; ; position += 1) yield { id: position, event: 'Tick', data: { fill: 'x'.repeat(10_000) } };
    } finally {
      signal.ended = true;
    }
  },
});

describe('an event stream', () => {
  let under: ShelvesUnderTest;
  beforeAll(async () => {
    under = await openShelves();
  });
  afterAll(() => under.app.close());

  const stream = (headers: Record<string, string> = {}) =>
    fetch(`${under.app.url}${shelves}/events`, {
      headers: { authorization: 'Bearer good', accept: 'text/event-stream', ...headers },
    });

  it('has ids that are positions, the type, the event in one line, and ends with what it streams', async () => {
    stage.events = (async function* (): AsyncGenerator<StreamEvent> {
      yield { id: 7, event: 'ShelfBuilt', data: { text: 'one\ntwo' } };
      yield { event: 'reset', data: null };
    })();
    const response = await stream({ 'x-request-id': 'r-1' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-request-id')).toBe('r-1');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(
      `retry: 2000\n\nid: ${incarnation}.7\nevent: ShelfBuilt\ndata: {"text":"one\\ntwo"}\n\nevent: reset\ndata: null\n\n`,
    );
  });

  it('is given only to who asks for it; resuming is told to the handler', async () => {
    const resumed = async (id: string) =>
      (await under.call('GET', `${shelves}/events`, { headers: { 'last-event-id': id } })).body;
    expect(await resumed(`${incarnation}.7`)).toEqual({ lastEventId: { from: 'position', position: 7 } });
    expect(await resumed('another.7')).toEqual({ lastEventId: { from: 'reset' } });
  });

  it('ends its source when the reader hangs up', async () => {
    const source = { ended: false };
    stage.events = endless(source);
    const response = await stream();
    await response.body?.getReader().cancel();
    await expect.poll(() => source.ended, { timeout: 5_000 }).toBe(true);
  });

  it('is not opened by HEAD', async () => {
    const { status, text } = await under.call('HEAD', `${shelves}/events`, {
      headers: { accept: 'text/event-stream' },
    });
    expect({ status, text }).toEqual({ status: 200, text: '' });
  });
});

describe('the writer of an event stream', () => {
  const opened: (() => void)[] = [];
  afterEach(() => opened.splice(0).forEach((close) => close()));

  const serve = async (write: (raw: ServerResponse) => Promise<void>) => {
    const done = Promise.withResolvers<ServerResponse>();
    const server = createServer((_request, raw) => {
      raw.writeHead(200, { 'content-type': 'text/event-stream' });
      void write(raw).then(() => done.resolve(raw), done.reject);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    return { port: (server.address() as AddressInfo).port, done: done.promise };
  };
  const write = (
    events: AsyncIterable<StreamEvent>,
    bounds: EventStreamBounds,
    signal = new AbortController().signal,
  ) => serve((raw) => writeEventStream(raw, events, signal, String, bounds));

  it('drops a reader who does not read, and holds next to nothing for it', async () => {
    const source = { ended: false };
    const { port, done } = await write(endless(source), { heartbeatMs: 10, stalledMs: 200 });
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.pause();
    opened.push(() => socket.destroy());
    const raw = await done;
    expect(raw.destroyed).toBe(true);
    expect(raw.writableLength).toBeLessThan(200_000);
    await expect.poll(() => source.ended, { timeout: 5_000 }).toBe(true);
  });

  it('sends comments while nothing happens', async () => {
    const never: AsyncIterable<StreamEvent> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const stop = new AbortController();
    const { port, done } = await write(never, { heartbeatMs: 5, stalledMs: 1_000 }, stop.signal);
    const response = await fetch(`http://127.0.0.1:${port}`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(':\n\n:\n\n')) text += (await reader?.read())?.value ?? '';
    stop.abort();
    await done;
    expect(text.startsWith('retry: 2000\n\n:\n\n')).toBe(true);
  });

  it('cuts the connection when its source fails, so that the reader resumes', async () => {
    const failing = (async function* (): AsyncGenerator<StreamEvent> {
      yield { data: 1 };
      throw new Error('the log is gone');
    })();
    const { port, done } = await write(failing, { heartbeatMs: 1_000, stalledMs: 1_000 });
    const faulted = expect(done).rejects.toThrow('the log is gone');
    await expect(fetch(`http://127.0.0.1:${port}`).then((response) => response.text())).rejects.toThrow();
    await faulted;
  });
});
