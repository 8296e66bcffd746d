import { until } from '@strata/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, type ApiUnderTest } from './contract/api-under-test.js';

let under: ApiUnderTest;
let pool: pg.Pool;
beforeAll(async () => {
  under = await openApi();
  pool = new pg.Pool({ connectionString: under.database.worker, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await under.close();
});

const requestDisk = () =>
  fetch(`${under.api.url}/v1/projects/${under.seeded.projects.alpha}/disks`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${under.tokens.alpha}`, 'content-type': 'application/json' },
      'idempotency-key': 'the-same-disk',
    },
    body: JSON.stringify({ name: 'new', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' }),
  });

describe('the api, beside a projector of an older build', () => {
  it('answers 503 with Retry-After to what would stop its followers, and takes the same request once they know it', async () => {
    await pool.query(
      `insert into follower_state (follower, status, position, knows) values ('older', 'running', 0, '{ProjectCreated}')`,
    );
    const held = await requestDisk();
    expect([held.status, held.headers.get('retry-after')]).toEqual([503, '3']);
    expect(await held.json()).toMatchObject({ type: '/problems/unavailable' });
    await pool.query(
      `update follower_state o set knows = n.knows from follower_state n where o.follower = 'older' and n.follower = 'disks'`,
    );
    await until('the disk is accepted', async () => (await requestDisk()).status === 202);
  });
});
