import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpApp } from './index.js';
import { incarnation, projectId, shelfId, startShelves } from './shelves.spec-app.js';

let app: HttpApp;
beforeAll(async () => {
  app = await startShelves();
});
afterAll(async () => {
  await app.close();
});

const call = async (
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
) => {
  const raw = typeof options.body === 'string';
  const response = await fetch(app.url + path, {
    method,
    headers: {
      authorization: 'Bearer good',
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: raw ? (options.body as string) : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
};

const shelves = `/v1/projects/${projectId}/shelves`;
const good = { name: 'a', sizeGiB: 10 };

describe('an answer', () => {
  it('of an accepted write has the operation, its location, the position and the request id', async () => {
    const answer = await call('POST', shelves, { body: good, headers: { 'x-request-id': 'r-1' } });
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({ id: shelfId, kind: 'shelf.build' });
    expect(answer.headers.get('location')).toBe(`/v1/operations/${shelfId}`);
    expect(answer.headers.get('strata-position')).toBe(`${incarnation}.41`);
    expect(answer.headers.get('x-request-id')).toBe('r-1');
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
  });
});
