import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { watchReadiness, whyNotReady } from './readiness.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const answering = async (status: number, body: string): Promise<string> => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { connection: 'close' });
    response.end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** All that is said while the answers are these, one after the other. */
const saidOf = async (...answers: readonly (string | undefined)[]): Promise<readonly (string | undefined)[]> => {
  const said: (string | undefined)[] = [];
  const stop = new AbortController();
  const left = [...answers];
  const ask = () => {
    const answer = left.shift();
    if (left.length === 0) setImmediate(() => stop.abort());
    return Promise.resolve(answer);
  };
  await watchReadiness({ ask, say: (why) => said.push(why), everyMs: 1, until: stop.signal });
  expect(left).toEqual([]);
  return said;
};

describe('the watch on readiness', () => {
  it('tells what lasts, once, and its end', async () => {
    expect(await saidOf(undefined, 'full', 'full', 'full', undefined, undefined)).toEqual(['full', undefined]);
  });

  it('tells when it becomes something else', async () => {
    expect(await saidOf('away', 'away', 'full', 'full', undefined)).toEqual(['away', 'full', undefined]);
  });

  it('says nothing of what was met once', async () => {
    expect(await saidOf(undefined, 'slow', undefined, 'slow', undefined)).toEqual([]);
  });
});

describe('what the api says of its readiness', () => {
  it('is taken from its answer', async () => {
    expect(await whyNotReady(await answering(200, '{"status":"ready"}'))).toBeUndefined();
    expect(await whyNotReady(await answering(503, '{"detail":"lane: the disk is full."}'))).toBe(
      'lane: the disk is full.',
    );
    expect(await whyNotReady(await answering(503, '{}'))).toBe('the api answers 503.');
  });

  it('is that it does not answer where nobody listens, or who is no api', async () => {
    const gone = await answering(200, '{}');
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await whyNotReady(gone)).toBe('the api does not answer.');
    expect(await whyNotReady(await answering(200, 'hello'))).toBe('the api does not answer.');
  });
});
