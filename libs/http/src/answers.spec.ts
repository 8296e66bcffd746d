import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { problem } from './index.js';
import { incarnation, projectId, shelfId } from './shelves/shelves.app.js';
import { newShelf, openShelves, shelf, shelves, type ShelvesUnderTest } from './shelves/shelves.client.js';

class Overloaded extends Error {}

let under: ShelvesUnderTest;
const lines: string[] = [];
beforeAll(async () => {
  under = await openShelves({
    logger: pino({ level: 'info' }, { write: (line) => void lines.push(line) }),
    knownFaults: (fault) =>
      fault instanceof Overloaded ? problem('unavailable', { retryAfterSeconds: 2.2 }) : undefined,
  });
});
afterAll(() => under.app.close());

describe('an answer', () => {
  it('to an accepted write has the operation, its location and the position', async () => {
    const { status, body, headers } = await under.call('POST', shelves, { body: newShelf });
    expect({ status, body }).toEqual({ status: 202, body: { id: shelfId, kind: 'shelf.build' } });
    expect(headers.get('location')).toBe(`/v1/operations/${shelfId}`);
    expect(headers.get('strata-position')).toBe(`${incarnation}.41`);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('idempotency-replayed')).toBeNull();
  });

  it('that was given before says so', async () => {
    const { headers } = await under.call('POST', shelves, { body: newShelf, headers: { 'idempotency-key': 'again' } });
    expect(headers.get('idempotency-replayed')).toBe('true');
  });

  it('to a creation has its location, to a deletion no body', async () => {
    const created = await under.call('POST', '/v1/broken', { headers: { 'idempotency-key': 'fine' } });
    expect({ status: created.status, location: created.headers.get('location') }).toEqual({
      status: 201,
      location: '/v1/broken/1',
    });
    const deleted = await under.call('DELETE', shelf);
    expect({ status: deleted.status, text: deleted.text }).toEqual({ status: 204, text: '' });
  });

  it('is 304 for a reader who has the version already', async () => {
    const statusWith = async (tag: string) => {
      const { status, text, headers } = await under.call('GET', shelf, { headers: { 'if-none-match': tag } });
      expect(headers.get('etag')).toBe('"3"');
      expect(text === '').toBe(status === 304);
      return status;
    };
    expect(await statusWith('"3"')).toBe(304);
    expect(await statusWith('W/"3"')).toBe(304);
    expect(await statusWith('"1", "3"')).toBe(304);
    expect(await statusWith('*')).toBe(304);
    expect(await statusWith('"4"')).toBe(200);
  });

  it('in another format than those that there are is not given', async () => {
    const { status, body } = await under.call('GET', shelf, { headers: { accept: 'text/csv, application/json;q=0' } });
    expect({ status, type: body['type'] }).toEqual({ status: 406, type: '/problems/not-acceptable' });
    expect((await under.call('GET', shelf, { headers: { accept: 'text/csv, */*;q=0.1' } })).status).toBe(200);
  });
});

describe('a problem', () => {
  it('has the members of RFC 9457, ours, and its own', async () => {
    const { status, body, headers } = await under.call('POST', `${shelves}?validateOnly=false`, {
      body: { name: 'a', sizeGiB: 2_000 },
      headers: { 'x-request-id': 'r-9' },
    });
    expect(status).toBe(409);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toEqual({
      type: '/problems/shelf-full',
      title: 'The shelf is full',
      status: 409,
      detail: 'The shelf is full',
      instance: `/v1/projects/${projectId}/shelves`,
      requestId: 'r-9',
      retryable: false,
      missing: 1_000,
    });
  });

  it('of a fault that was not foreseen tells nothing but the request id; the log tells all', async () => {
    const { status, body, text } = await under.call('POST', '/v1/broken', { headers: { 'x-request-id': 'r-10' } });
    expect({ status, type: body['type'], requestId: body['requestId'] }).toEqual({
      status: 500,
      type: '/problems/internal',
      requestId: 'r-10',
    });
    expect(text).not.toMatch(/hunter2|Error|at /);
    expect(lines.some((line) => line.includes('r-10') && line.includes('hunter2'))).toBe(true);
  });

  it('explains itself, in JSON and in HTML', async () => {
    const json = await under.call('GET', '/problems/shelf-full');
    expect(json.body).toMatchObject({ code: 'shelf-full', status: 409, explanation: 'Take something away first.' });
    const html = await under.call('GET', '/problems/shelf-full', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(html.headers.get('content-type')).toContain('text/html');
    expect(html.text).toContain('<h1>The shelf is full</h1>');
    expect((await under.call('GET', '/problems/toString')).status).toBe(404);
  });
});

describe('a line of the log', () => {
  it('names request, route, actor and operation, and nothing secret', async () => {
    await under.call('POST', `${shelves}?validateOnly=false`, { body: newShelf, headers: { 'x-request-id': 'r-11' } });
    const line = JSON.parse(lines.find((text) => text.includes('r-11')) ?? '{}') as Record<string, unknown>;
    expect(line).toMatchObject({
      requestId: 'r-11',
      route: 'buildShelf',
      method: 'POST',
      path: shelves,
      status: 202,
      actorId: 'actor-1',
      operationId: shelfId,
    });
    expect(lines.join('\n')).not.toMatch(/Bearer|authorization|validateOnly/i);
  });

  it('names the problem that was answered', async () => {
    await under.call('GET', '/v1/nowhere', { headers: { 'x-request-id': 'r-12' } });
    expect(lines.find((text) => text.includes('r-12'))).toContain('"problem":"not-found"');
  });
});
