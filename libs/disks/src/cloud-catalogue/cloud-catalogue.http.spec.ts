import type { CloudImages } from '@strata/cloud';
import { BindingId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';

let server: DiskServer;
beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());

/** A project whose cloud was last asked for images a minute ago, and said this. */
const projectWith = async (found: CloudImages | null): Promise<DiskProject> => {
  const endpoints = { iam: 'http://127.0.0.1:7071', evs: 'http://127.0.0.1:7071', ims: 'http://127.0.0.1:7071/ims' };
  const access = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: newId(), credentials: { ref: 'other' } };
  const body = { name: newId(), ...access };
  const made = await server.call('POST', '/v1/bindings', { body, token: server.server.tokens.platformAdmin });
  const binding = BindingId.parse(idOf(made));
  const fetchedAt = new Date(Date.now() - 60_000).toISOString();
  if (found)
    server.catalogue.of.set(binding, [{ kind: 'images', fetchedAt, items: JSON.parse(JSON.stringify(found)) }]);
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
