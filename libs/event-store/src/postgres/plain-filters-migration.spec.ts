import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prismaFolder } from '../prisma-folder.js';
import { urlOf } from './bootstrap.js';
import { migrate, migrationList } from './migrate.js';

let postgres: TestPostgres;
let before: string;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  before = await mkdtemp(join(tmpdir(), 'strata-migrate-'));
  await cp(prismaFolder, before, { recursive: true });
  const { migrationDirectories } = await migrationList(prismaFolder);
  for (const { path } of migrationDirectories)
    if (path >= '20261129000070') await rm(join(before, 'migrations', path), { recursive: true });
  const setUp = new pg.Client({ connectionString: postgres.adminUrl });
  await setUp.connect();
  await setUp.query('create database before');
  await setUp.end();
  const url = urlOf(postgres.adminUrl, { database: 'before' });
  await migrate(url, { folder: before });
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
  await rm(before, { recursive: true });
});

const traits = (servers: readonly string[], flag: boolean) => ({
  ...{ bootable: flag, shareable: flag, encrypted: flag, readOnly: flag },
  attachments: servers.map((serverId) => ({ serverId, device: null })),
});
const disks = {
  attached: { cloudStatus: 'in-use', traits: traits(['b', 'a'], true) },
  plain: { cloudStatus: 'available', shareable: true, encryption: { keyId: 'k' }, traits: traits([], false) },
  requested: { shareable: true, encryption: { keyId: 'k' } },
  'requested plain': {},
};
const flagged = (of: boolean) => ({ bootable: of, shareable: of, encrypted: of, read_only: of });

describe('rows of an older build', () => {
  it('are found by what lists are filtered by since, once the database is migrated', async () => {
    for (const [name, disk] of Object.entries(disks)) {
      const doc = { disk, createdAt: '', updatedAt: '', version: 1 };
      await client.query(
        `insert into view_disks (generation, key, project_id, valid_from, name, size_gib, type, availability_zone, status,
           tags, created_at, updated_at, version, doc)
         values (1, $1, $2, 1, $3, 1, 'SSD', 'eu-de-01', 'available', '{"a":"b"}', now(), now(), 1, $4)`,
        [newId(), newId(), name, doc],
      );
    }
    await client.query(
      `insert into view_operations (generation, key, project_id, valid_from, kind, status, target_type, target_ids,
         created_at, doc)
       values (1, $1, $2, 1, 'disk.create', 'queued', 'disk', '{}', now(), '{"actorId":"somebody"}')`,
      [newId(), newId()],
    );
    await migrate(urlOf(postgres.adminUrl, { database: 'before' }));
    const { rows } = await client.query<Record<string, unknown>>(
      `select name, bootable, shareable, encrypted, read_only, server_ids, cloud_status from view_disks order by name`,
    );
    expect(rows).toEqual([
      { name: 'attached', ...flagged(true), server_ids: ['b', 'a'], cloud_status: 'in-use' },
      { name: 'plain', ...flagged(false), server_ids: [], cloud_status: 'available' },
      { name: 'requested', ...flagged(false), shareable: true, encrypted: true, server_ids: [], cloud_status: null },
      { name: 'requested plain', ...flagged(false), server_ids: [], cloud_status: null },
    ]);
    expect((await client.query('select actor_id from view_operations')).rows).toEqual([{ actor_id: 'somebody' }]);
    const labels = await client.query<{ readonly line: string }>(
      `select d.name || ' ' || t.tag as line from view_disks_tags t join view_disks d using (key) order by 1`,
    );
    const flags = ['bootable', 'encrypted', 'read_only', 'server_ids=a', 'server_ids=b', 'shareable'];
    expect(labels.rows.map(({ line }) => line)).toEqual([
      'attached 1:a=b',
      ...flags.map((label) => `attached ${label}`),
      'plain 1:a=b',
      'requested 1:a=b',
      'requested encrypted',
      'requested plain 1:a=b',
      'requested shareable',
    ]);
  });
});
