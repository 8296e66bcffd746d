import type { CloudImages } from '@strata/cloud';
import { BindingId, type JsonValue } from '@strata/kernel';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import type { CatalogueItems } from './cloud-catalogue.js';

let server: DiskServer;
beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());

/** A project whose cloud was last asked a minute ago, and said this of its images, and this of something else. */
const projectWith = async (
  found: CloudImages | null,
  ...others: readonly Omit<CatalogueItems, 'fetchedAt'>[]
): Promise<DiskProject> => {
  const endpoints = { iam: 'http://127.0.0.1:7071', evs: 'http://127.0.0.1:7071', ims: 'http://127.0.0.1:7071/ims' };
  const access = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: newId(), credentials: { ref: 'other' } };
  const body = { name: newId(), ...access };
  const made = await server.call('POST', '/v1/bindings', { body, token: server.server.tokens.platformAdmin });
  const binding = BindingId.parse(idOf(made));
  const fetchedAt = new Date(Date.now() - 60_000).toISOString();
  const items = found ? [{ kind: 'images', items: JSON.parse(JSON.stringify(found)) as JsonValue }] : [];
  server.catalogue.of.set(
    binding,
    [...items, ...others].map((each) => ({ ...each, fetchedAt })),
  );
  return DiskProject.make(server, binding);
};
const imagesOf = (my: DiskProject) => my.call('GET', `${my.path}/images`);

const image = {
  id: '2e95c0f4-b7d8-4163-a0f9-8d4e6b1c7a35',
  name: 'Standard_Linux',
  minDiskGiB: 8,
  sizeBytes: 1_181_116_006,
  os: 'Debian GNU/Linux 12 64bit',
  visibility: 'public',
  status: 'active',
  purpose: 'system-disk',
  encrypted: false,
} as const;

describe('the images of a project', () => {
  it('are those of its cloud as last fetched, with their age in seconds', async () => {
    const { status, body } = await imagesOf(await projectWith({ offered: true, images: [image] }));
    expect({ status, body }).toEqual({
      status: 200,
      body: { items: [{ ...image, age: expect.any(Number) }], nextCursor: null, notOffered: null },
    });
    expect((body['items'] as readonly { age: number }[])[0]?.age).toBeGreaterThanOrEqual(60);
  });

  it('are none where the cloud has no images, and why is said', async () => {
    const fault = { code: 'no-ims-endpoint', message: 'the binding names no endpoint for ims', requestId: null };
    const { body } = await imagesOf(await projectWith({ offered: false, fault }));
    const notOffered = { code: 'no-ims-endpoint', detail: 'the binding names no endpoint for ims' };
    expect(body).toEqual({ items: [], nextCursor: null, notOffered });
  });

  it('are none before the cloud was asked', async () => {
    const { body } = await imagesOf(await projectWith(null));
    expect(body).toEqual({ items: [], nextCursor: null, notOffered: null });
  });

  it('are not shown to whom the project is not', async () => {
    const my = await projectWith({ offered: true, images: [image] });
    expect((await my.call('GET', `${my.path}/images`, undefined, {}, my.stranger)).status).toBe(404);
  });
});

describe('the lists of what a cloud offers', () => {
  const images = Array.from({ length: 501 }, (_, index) => ({ ...image, id: newId(), name: `image-${index % 3}` }));
  const ids = images.map(({ id }) => id);
  const idsOf = ({ body }: Reply) => (body['items'] as readonly { id: string }[]).map(({ id }) => id);
  const page = (my: DiskProject, query: string) => my.call('GET', `${my.path}/images?${query}`);

  it('come in the order of the cloud, in one page as far as it can hold them', async () => {
    const my = await projectWith({ offered: true, images });
    const first = await page(my, '');
    expect(idsOf(first)).toEqual(ids.slice(0, 500));
    const rest = await page(my, `cursor=${String(first.body['nextCursor'])}`);
    expect([idsOf(rest), rest.body['nextCursor']]).toEqual([ids.slice(500), null]);
  });

  it('come in pages as small as is asked for', async () => {
    const my = await projectWith({ offered: true, images: images.slice(0, 5) });
    const first = await page(my, 'limit=2');
    const second = await page(my, `limit=2&cursor=${String(first.body['nextCursor'])}`);
    const third = await page(my, `limit=2&cursor=${String(second.body['nextCursor'])}`);
    expect([first, second, third].map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4, 5)]);
    expect([third.body['nextCursor'], (await page(my, 'limit=5')).body['nextCursor']]).toEqual([null, null]);
  });

  it.each(['availability-zones', 'disk-types'])('take both for %s', async (kind) => {
    const more = kind === 'disk-types' ? { availabilityZones: null, soldOutZones: [] } : { available: true };
    const my = await projectWith(null, { kind, items: ['b', 'a'].map((name) => ({ name, ...more })) });
    const first = await my.call('GET', `${my.path}/${kind}?limit=1`);
    const second = await my.call('GET', `${my.path}/${kind}?limit=1&cursor=${String(first.body['nextCursor'])}`);
    expect([first.body['items'], second.body['items']]).toMatchObject([[{ name: 'b' }], [{ name: 'a' }]]);
    expect(second.body['nextCursor']).toBeNull();
  });

  it('refuse other limits and foreign cursors', async () => {
    const my = await projectWith({ offered: true, images: images.slice(0, 2) });
    for (const limit of ['0', '501', 'x']) expect(codeOf(await page(my, `limit=${limit}`))).toBe('invalid-request');
    const cursor = String((await page(my, 'limit=1')).body['nextCursor']);
    const other = await projectWith(null);
    expect(codeOf(await page(other, `cursor=${cursor}`))).toBe('invalid-cursor');
    expect(codeOf(await page(my, `cursor=${cursor.slice(1)}`))).toBe('invalid-cursor');
    expect(codeOf(await page(my, 'sort=name'))).toBe('invalid-request');
  });
});
