import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectId } from './shelves/shelves.app.js';
import { openShelves, shelves, type ShelvesUnderTest } from './shelves/shelves.client.js';

let under: ShelvesUnderTest;
let incarnation = 'first';
beforeAll(async () => {
  under = await openShelves({ incarnation: () => incarnation });
});
afterAll(() => under.app.close());

const list = (query: string, path = shelves) => under.call('GET', `${path}?${query}`);
const cursorAfter = async (query: string): Promise<string> => {
  const { status, body } = await list(query);
  expect(status).toBe(200);
  return String(body['nextCursor']);
};
const pageOf = async (query: string) => (await list(query)).headers.get('x-page');

describe('a list', () => {
  it('takes limit, sort, filters, ranges, tags and asOf', async () => {
    const query =
      'limit=2&sort=-name&status=free&status=full&sizeGiB.gte=10&sizeGiB.lt=20&tags.team=a&tags.team=b&asOf=2026-11-03T10:15:00%2B01:00';
    const page = JSON.parse((await pageOf(query)) ?? '{}') as Record<string, unknown>;
    expect(page).toMatchObject({
      limit: 2,
      sort: { by: 'name', direction: 'descending' },
      filters: { status: ['free', 'full'] },
      ranges: [
        { field: 'sizeGiB', operator: 'gte', value: 10 },
        { field: 'sizeGiB', operator: 'lt', value: 20 },
      ],
      tags: { team: ['a', 'b'] },
      asOf: { at: 'time', time: '2026-11-03T09:15:00.000Z' },
    });
  });

  it('is sorted by the newest first and has 50 items to a page unless told', async () => {
    const page = JSON.parse((await pageOf('')) ?? '{}') as Record<string, unknown>;
    expect(page).toMatchObject({
      limit: 50,
      sort: { by: 'createdAt', direction: 'descending' },
      filters: {},
      tags: {},
    });
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=ten',
    'limit=',
    'limit=1&limit=2',
    'sort=size',
    'sort=--name',
    'status=broken',
    'sizeGiB.gte=-1',
    'sizeGiB.near=1',
    'sizeGiB=1',
    'tags=a',
    'tags.=a',
    'tags.__proto__=a',
    'tags.__proto__=a&tags.__proto__=b',
    'colour=red',
    'asOf=yesterday',
    'asOf=2026-11-03',
    'asOf=1.5',
    'cursor=a&cursor=b',
  ])('refuses %s and names the member', async (query) => {
    const { status, body } = await list(query);
    const errors = body['errors'] as readonly { pointer: string; detail: string }[];
    expect({ status, type: body['type'], faults: errors.length }).toEqual({
      status: 400,
      type: '/problems/invalid-request',
      faults: 1,
    });
    expect(errors[0]?.pointer).toMatch(/^\/query\//);
  });

  it('reads asOf as a position too, of this log only', async () => {
    expect(await pageOf('asOf=first.7')).toContain('"asOf":{"at":"position","position":7');
    expect(await pageOf('asOf=7')).toContain('"asOf":{"at":"position","position":7');
    expect((await list('asOf=other.7')).status).toBe(410);
  });
});

describe('a cursor', () => {
  it('alone carries sort, filters and the place reached', async () => {
    const cursor = await cursorAfter('sort=name&status=free&sizeGiB.gte=10&tags.team=a&limit=2');
    const page = JSON.parse((await pageOf(`cursor=${cursor}&limit=3`)) ?? '{}') as Record<string, unknown>;
    expect(page).toMatchObject({
      limit: 3,
      sort: { by: 'name', direction: 'ascending' },
      filters: { status: ['free'] },
      ranges: [{ field: 'sizeGiB', operator: 'gte', value: 10 }],
      tags: { team: ['a'] },
      after: ['d', expect.any(String)],
    });
    expect(page).not.toHaveProperty('moment');
  });

  it('carries the moment that asOf meant on the first page, and goes with no other asOf', async () => {
    const asOf = 'asOf=2026-11-03T10:15:00Z';
    const cursor = await cursorAfter(asOf);
    const page = JSON.parse((await pageOf(`cursor=${cursor}`)) ?? '{}') as Record<string, unknown>;
    expect(page).toMatchObject({ asOf: { time: '2026-11-03T10:15:00.000Z' }, moment: 41 });
    expect((await list(`asOf=2026-11-03T11:15:00%2B01:00&cursor=${cursor}`)).status).toBe(200);
    const now = await cursorAfter('');
    for (const query of [
      `asOf=2026-11-03T10:15:01Z&cursor=${cursor}`,
      `asOf=41&cursor=${cursor}`,
      `${asOf}&cursor=${now}`,
    ]) {
      const { status, body } = await list(query);
      expect({ status, type: body['type'] }).toEqual({ status: 400, type: '/problems/invalid-cursor' });
    }
  });

  it('may be repeated with what it was made with', async () => {
    const cursor = await cursorAfter('sort=name&status=free');
    expect((await list(`sort=name&status=free&cursor=${cursor}`)).status).toBe(200);
    expect((await list(`status=free&cursor=${cursor}`)).status).toBe(200);
  });

  it.each(['sort=-name&status=free', 'status=full', 'status=free&sizeGiB.gte=1', 'status=free&tags.a=b'])(
    'is refused beside other filters: %s',
    async (query) => {
      const cursor = await cursorAfter('sort=name&status=free');
      const { status, body } = await list(`${query}&cursor=${cursor}`);
      expect({ status, type: body['type'] }).toEqual({ status: 400, type: '/problems/invalid-cursor' });
    },
  );

  it.each(['', 'x'.repeat(5_000)])('is refused by its name when it is empty, or longer than any', async (cursor) => {
    const { status, body } = await list(`cursor=${cursor}`);
    expect({ status, type: body['type'] }).toEqual({ status: 400, type: '/problems/invalid-cursor' });
  });

  it('is refused when it is broken, in whatever place', async () => {
    const cursor = await cursorAfter('');
    const bytes = Buffer.from(cursor, 'base64url');
    const places = [0, 31, 32, 40, bytes.length - 1];
    const broken = places.map((place) => {
      const copy = Buffer.from(bytes);
      copy[place] = (copy[place] ?? 0) ^ 1;
      return copy.toString('base64url');
    });
    for (const text of [...broken, cursor.slice(0, -1), `${cursor}A`, 'x', `${cursor}=`, 'null']) {
      const { status, body } = await list(`cursor=${encodeURIComponent(text)}`);
      expect({ text, status, type: body['type'] }).toEqual({ text, status: 400, type: '/problems/invalid-cursor' });
    }
  });

  it('is refused in the list of another project', async () => {
    const cursor = await cursorAfter('');
    const other = shelves.replace(projectId, '0195f3a0-0000-7000-8000-0000000000bb');
    expect((await list(`cursor=${cursor}`, other)).body['type']).toBe('/problems/invalid-cursor');
  });

  it('is refused by a server with another key', async () => {
    const cursor = await cursorAfter('');
    const elsewhere = await openShelves({ incarnation: () => incarnation });
    try {
      expect((await elsewhere.call('GET', `${shelves}?cursor=${cursor}`)).body['type']).toBe(
        '/problems/invalid-cursor',
      );
    } finally {
      await elsewhere.app.close();
    }
  });

  it('is given once', async () => {
    const faultOf = async (query: string) => (await list(query)).body['errors'];
    expect(await faultOf('cursor=a&cursor=b')).toEqual([{ pointer: '/query/cursor', detail: 'must be given once' }]);
  });

  it('from before a restore of the log is gone', async () => {
    const cursor = await cursorAfter('');
    incarnation = 'second';
    const { status, body } = await list(`cursor=${cursor}`);
    incarnation = 'first';
    expect({ status, type: body['type'] }).toEqual({ status: 410, type: '/problems/log-restored' });
  });
});
