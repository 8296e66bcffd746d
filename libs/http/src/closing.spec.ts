import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { stage, startShelves } from './shelves/shelves.app.js';
import { newShelf, openShelves, shelves } from './shelves/shelves.client.js';

const waiting = async (options: Parameters<typeof openShelves>[0] = {}) => {
  stage.waiting = Promise.withResolvers();
  const under = await openShelves(options);
  const answer = under.call('POST', shelves, { body: { ...newShelf, name: 'wait' } });
  return { under, answer, signal: await stage.waiting.promise };
};

describe('a server that is closed', () => {
  it('lets who waits answer with what there is, and takes no more', async () => {
    const { under, answer, signal } = await waiting();
    const closed = under.app.close();
    expect((await answer).status).toBe(202);
    expect(signal.aborted).toBe(true);
    await closed;
    await expect(fetch(under.app.url)).rejects.toThrow();
  });

  it('ends event streams', async () => {
    const under = await openShelves();
    stage.events = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
    const response = await fetch(`${under.app.url}${shelves}/events`, {
      headers: { authorization: 'Bearer good', accept: 'text/event-stream' },
    });
    const text = response.text();
    await under.app.close();
    expect(await text).toBe('retry: 2000\n\n');
  });

  it('cuts what does not end within the grace', async () => {
    const under = await openShelves({ closeGraceMs: 50 });
    const { hostname, port } = new URL(under.app.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${shelves} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\n` +
        'content-length: 100\r\nexpect: 100-continue\r\n\r\n',
    );
    const [told] = (await once(socket, 'data')) as [Buffer];
    expect(told.toString()).toContain('100 Continue');
    const cut = once(socket, 'close');
    await under.app.close();
    await cut;
  });
});

describe('a server whose port is taken', () => {
  it('does not start', async () => {
    const under = await openShelves();
    const { port } = new URL(under.app.url);
    await expect(startShelves({}, Number(port))).rejects.toThrow('EADDRINUSE');
    await under.app.close();
  });
});

describe('a client that hangs up', () => {
  it('aborts the signal of its request only', async () => {
    stage.waiting = Promise.withResolvers();
    const under = await openShelves();
    const hangUp = new AbortController();
    const call = fetch(under.app.url + shelves, {
      method: 'POST',
      headers: { authorization: 'Bearer good', 'content-type': 'application/json' },
      body: JSON.stringify({ ...newShelf, name: 'wait' }),
      signal: hangUp.signal,
    }).catch(() => 'hung up');
    const signal = await stage.waiting.promise;
    hangUp.abort();
    expect(await call).toBe('hung up');
    await expect.poll(() => signal.aborted, { timeout: 5_000 }).toBe(true);
    expect((await under.call('POST', shelves, { body: newShelf })).status).toBe(202);
    await under.app.close();
  });
});
