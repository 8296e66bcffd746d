import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startScriptedServer, type ScriptedAnswer } from '../contract/scripted-server.js';
import { HttpExchange, type HttpRequest } from './http-exchange.js';

let http: HttpExchange;
const ends: (() => Promise<void>)[] = [];

beforeEach(() => {
  http = new HttpExchange({ connectionsPerEndpoint: 2, connectTimeoutMs: 5_000 });
});
afterEach(async () => {
  await http.close();
  for (const end of ends.splice(0)) await end();
});

const post = (url: string, rest: Partial<HttpRequest> = {}): HttpRequest => ({
  url: new URL('/work', url),
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"some":"work"}',
  timeoutMs: 10_000,
  mayStillSend: () => true,
  ...rest,
});

/** Accepts connections and answers nothing by itself. */
const listen = async (onConnection: (socket: Socket) => void): Promise<{ server: Server; url: string }> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

/** Nobody listens there. */
const deserted = 'http://127.0.0.1:1';

describe('an HTTP exchange', () => {
  it('is answered with status, headers and text, on a kept connection', async () => {
    const server = await startScriptedServer(() => ({ status: 418, headers: { 'x-request-id': 'r' }, body: { a: 1 } }));
    ends.push(server.close);
    for (let request = 0; request < 3; request += 1) {
      expect(await http.send(post(server.url))).toMatchObject({
        kind: 'answered',
        status: 418,
        headers: { 'x-request-id': 'r' },
        text: '{"a":1}',
      });
    }
    expect(server.requests.map(({ body }) => body)).toEqual(Array(3).fill('{"some":"work"}'));
  });

  it('was not sent when nobody listens', async () => {
    expect(await http.send(post(deserted))).toEqual({ kind: 'not-sent', cause: 'ECONNREFUSED' });
  });

  it('was not sent when permission ended before the first byte', async () => {
    let received = 0;
    const { url } = await listen((socket) => socket.on('data', (bytes) => (received += bytes.length)));
    let asked = 0;
    const mayStillSend = () => {
      asked += 1;
      return false;
    };
    expect(await http.send(post(url, { mayStillSend }))).toEqual({ kind: 'not-sent', cause: 'too-late-to-send' });
    expect({ asked, received }).toEqual({ asked: 1, received: 0 });
  });

  it('asks for permission only when a connection is free to carry it', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<ScriptedAnswer>();
    const server = await startScriptedServer((_, { length }) => (length <= 2 ? answered : { status: 200 }));
    ends.push(server.close);
    const occupying = [1, 2].map(() => http.send(post(server.url)));
    let asked = false;
    const waiting = http.send(post(server.url, { mayStillSend: () => (asked = true) }));
    await expect.poll(() => server.requests.length).toBe(2);
    expect(asked).toBe(false);
    answer('cut');
    expect(await Promise.all(occupying)).toMatchObject(Array(2).fill({ kind: 'lost' }));
    expect(await waiting).toMatchObject({ kind: 'answered', status: 200 });
    expect(asked).toBe(true);
  });

  it('was not sent when its time passed while it waited for a connection', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<ScriptedAnswer>();
    const server = await startScriptedServer(() => answered);
    ends.push(server.close);
    const occupying = [1, 2].map(() => http.send(post(server.url)));
    await expect.poll(() => server.requests.length).toBe(2);
    expect(await http.send(post(server.url, { timeoutMs: 50 }))).toEqual({ kind: 'not-sent', cause: 'timeout' });
    answer({ status: 200 });
    await Promise.all([...occupying, http.send(post(server.url))]);
    expect(server.requests).toHaveLength(3);
  });

  it('is lost when its time passed after it left, and its connection is not used again', async () => {
    const server = await startScriptedServer(({ body }) => (body === 'slow' ? 'silence' : { status: 200 }));
    ends.push(server.close);
    const both = () => Promise.all([1, 2].map(() => http.send(post(server.url))));
    // A connection that is there carries a request at once, however short its time is.
    await both();
    const slow = [1, 2].map(() => http.send(post(server.url, { body: 'slow', timeoutMs: 50 })));
    expect(await Promise.all(slow)).toEqual(Array(2).fill({ kind: 'lost', cause: 'timeout' }));
    expect(await both()).toMatchObject(Array(2).fill({ kind: 'answered', status: 200 }));
  });

  it('is lost when the connection breaks after it left, and is not sent again', async () => {
    const server = await startScriptedServer(() => 'cut');
    ends.push(server.close);
    expect(await http.send(post(server.url))).toMatchObject({ kind: 'lost' });
    expect(server.requests).toHaveLength(1);
  });

  it('is lost when the answer breaks off in the middle', async () => {
    const { url } = await listen((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"job_id":')),
    );
    expect(await http.send(post(url))).toMatchObject({ kind: 'lost' });
  });

  it('is lost when what comes back is no HTTP', async () => {
    const { url } = await listen((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    expect(await http.send(post(url))).toMatchObject({ kind: 'lost' });
  });

  it('is broken off when the pool is closed, and none begins after that', async () => {
    const server = await startScriptedServer(() => 'silence');
    ends.push(server.close);
    const underWay = http.send(post(server.url));
    await expect.poll(() => server.requests.length).toBe(1);
    await http.close();
    expect(await underWay).toMatchObject({ kind: 'lost' });
    expect(await http.send(post(server.url))).toMatchObject({ kind: 'not-sent' });
    expect(server.requests).toHaveLength(1);
  });

  it('does not follow a redirect', async () => {
    const server = await startScriptedServer(() => ({ status: 307, headers: { location: '/elsewhere' } }));
    ends.push(server.close);
    expect(await http.send(post(server.url))).toMatchObject({ kind: 'answered', status: 307 });
    expect(server.requests).toHaveLength(1);
  });
});
