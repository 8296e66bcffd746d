import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { openPool } from '../contract/open-pool.js';
import { sampleId, sampleView, type SampleRow } from '../contract/sample-disks.js';
import { sqlOn } from './follower-transaction.js';
import { writeRows } from './projection-rows.js';
import { removeGeneration } from './rebuild.js';

let postgres: TestPostgres;
let worker: pg.Pool;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  worker = openPool(database.worker, 2);
});
afterAll(async () => {
  await worker.end();
  await postgres.stop();
});

const rowOf = (n: number, tags: SampleRow['tags']): SampleRow => ({
  ...{ key: sampleId(1, n), projectId: sampleId(2, 1), name: 'data', description: null, sizeGiB: 1, type: 'SSD' },
  ...{ availabilityZone: 'eu-de-01', status: 'available', tags, cloudId: null, version: 1, doc: {} },
  ...{ createdAt: '2026-11-22T12:00:00.000000Z', updatedAt: '2026-11-22T12:00:00.000000Z' },
});

const tags = async () => {
  const { rows } = await worker.query<{ readonly line: string }>(
    `select concat_ws(' ', generation, right(key::text, 1), valid_from, valid_to, tag) as line from view_disks_tags order by 1`,
  );
  return rows.map(({ line }) => line);
};

it('has the tags of every version of a disk, in every generation, as long as the view has it', async () => {
  const first = [
    { row: rowOf(1, { team: 'mail', 'a=b': 'ä=1:' }), validFrom: 1, validTo: 3 },
    { row: rowOf(1, { team: 'web' }), validFrom: 3, validTo: null },
    { row: rowOf(2, {}), validFrom: 2, validTo: null },
  ];
  await writeRows(sqlOn(worker), sampleView, 1, { made: first, ended: [] });
  await writeRows(sqlOn(worker), sampleView, 2, { made: first.slice(1), ended: [] });
  expect(await tags()).toEqual(['1 1 1 3 3:a=b=ä=1:', '1 1 1 3 4:team=mail', '1 1 3 4:team=web', '2 1 3 4:team=web']);
  await writeRows(sqlOn(worker), sampleView, 1, {
    made: [{ row: rowOf(1, { team: 'sea' }), validFrom: 5, validTo: null }],
    ended: [{ key: sampleId(1, 1), validFrom: 3, validTo: 5 }],
  });
  expect((await tags()).filter((line) => line.startsWith('1 1'))).toEqual([
    '1 1 1 3 3:a=b=ä=1:',
    '1 1 1 3 4:team=mail',
    '1 1 3 5 4:team=web',
    '1 1 5 4:team=sea',
  ]);
  await removeGeneration(worker, sampleView, 2);
  expect((await tags()).filter((line) => line.startsWith('2'))).toEqual([]);
});
