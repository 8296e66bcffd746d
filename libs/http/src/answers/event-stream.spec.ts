import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StreamEvent, writeEventStream } from './event-stream.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let server: Server;
let response: Promise<ServerResponse>;
let answer: Promise<Response>;

beforeEach(async () => {
  server = createServer();
  response = once(server, 'request').then(([, raw]) => raw as ServerResponse);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await (await answer).body?.cancel();
  server.closeAllConnections();
  server.close();
});

describe('a stream of events', () => {
  it('keeps nothing of what was sent, however long it lasts', async () => {
    const sent: WeakRef<object>[] = [];
    let alive = Infinity;
    const events = async function* (): AsyncGenerator<StreamEvent> {
      for (let position = 1; position <= 200; position++) {
        const data = { position };
        sent.push(new WeakRef(data));
        yield { id: position, data };
      }
      await turn();
      collectGarbage();
      alive = sent.filter((each) => each.deref() !== undefined).length;
    };
    await writeEventStream(await response, events(), new AbortController().signal, String);
    expect(alive).toBeLessThan(10);
  });

  it('ends when it is aborted while nothing happens', async () => {
    const stopping = new AbortController();
    const silent: AsyncIterable<StreamEvent> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    };
    const writing = writeEventStream(await response, silent, stopping.signal, String);
    stopping.abort();
    await writing;
    expect((await response).writableEnded).toBe(true);
  });
});
