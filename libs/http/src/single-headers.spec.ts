import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShelves, shelf, type ShelvesUnderTest } from './shelves/shelves.client.js';

let under: ShelvesUnderTest;
beforeAll(async () => {
  under = await openShelves();
});
afterAll(() => under.app.close());

const answerTo = async (method: string, ...headers: readonly string[]) => {
  const lines = [`${method} ${shelf} HTTP/1.1`, 'connection: close', 'content-length: 0', ...headers, '', ''];
  const answer = await under.raw(lines.join('\r\n'));
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const read = JSON.parse(body) as { readonly type?: string; readonly errors?: readonly { pointer: string }[] };
  return { status: Number(head.split(' ')[1]), type: read.type, errors: read.errors };
};

describe('a request', () => {
  it('without Host is refused in a problem', async () => {
    expect(await answerTo('GET')).toEqual({
      status: 400,
      type: '/problems/invalid-request',
      errors: [{ pointer: '/header/host', detail: 'is required' }],
    });
  });

  it.each([
    ['Authorization', 'Bearer good'],
    ['Content-Type', 'application/json'],
    ['Host', 'x'],
    ['Idempotency-Key', 'k'],
  ])('with a second %s is refused by name', async (name, value) => {
    const host = name === 'Host' ? [] : ['host: x'];
    const { status, errors } = await answerTo(
      'DELETE',
      ...host,
      `${name}: ${value}`,
      `${name.toLowerCase()}: ${value}`,
    );
    expect({ status, errors }).toEqual({
      status: 400,
      errors: [{ pointer: `/header/${name.toLowerCase()}`, detail: 'must be given once' }],
    });
  });

  it('that expects something unknown is answered as one that does not', async () => {
    const headers = ['host: x', 'authorization: Bearer good'];
    const plain = await answerTo('GET', ...headers);
    expect(plain.status).toBe(200);
    expect(await answerTo('GET', ...headers, 'expect: banana')).toEqual(plain);
  });
});
