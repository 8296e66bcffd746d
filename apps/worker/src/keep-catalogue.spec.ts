import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkUnderTest } from './contract/work-under-test.js';
import { keepCatalogue, keptAt } from './keep-catalogue.js';

let postgres: TestPostgres;
let work: WorkUnderTest;
beforeAll(async () => {
  postgres = await startTestPostgres();
  work = await WorkUnderTest.start(postgres);
});
afterAll(async () => {
  await work.stop();
  await postgres.stop();
});

const kept = async () =>
  (await work.store.pool.query<{ kind: string; items: unknown }>('select kind, items from catalogue order by kind'))
    .rows;

describe('what a cloud offers', () => {
  it('is kept by kind, and each kind is replaced as a whole', async () => {
    const { cloud, bindingId } = work;
    await keepCatalogue(work.store.pool, bindingId, { 'disk-types': [{ name: 'OLD' }], 'availability-zones': [] });
    const images = await cloud.images();
    await keepCatalogue(work.store.pool, bindingId, { 'disk-types': await cloud.diskTypes(), images });
    expect(images).toMatchObject({ offered: true, images: { length: 4 } });
    expect(await kept()).toEqual([
      { kind: 'availability-zones', items: [] },
      { kind: 'disk-types', items: await cloud.diskTypes() },
      { kind: 'images', items: images },
    ]);
    const at = await keptAt(work.store.pool, bindingId, 'images');
    expect(Math.abs(Date.now() - Date.parse(at ?? ''))).toBeLessThan(60_000);
    expect(await keptAt(work.store.pool, bindingId, 'sweep')).toBeNull();
    const began = '2026-11-22T10:00:00.000Z';
    await keepCatalogue(work.store.pool, bindingId, { sweep: {} }, began);
    expect(await keptAt(work.store.pool, bindingId, 'sweep')).toBe(began);
  });
});
