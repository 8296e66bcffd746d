import { everything, LaneUnavailable } from '@strata/event-store';
import { PostgresViewStore, type PostgresEventStore } from '@strata/event-store/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskServer } from '../contract/disk-server.js';
import { DisksInProject } from './disks-in-project.js';

let server: DiskServer;
let contents: DisksInProject;
beforeAll(async () => {
  server = await DiskServer.start();
  contents = new DisksInProject(new PostgresViewStore((server.server.store as PostgresEventStore).pool));
});
afterAll(() => server.close());

const body = { name: 'left', sizeGiB: 20, type: 'SSD', availabilityZone: 'eu-de-01' };

describe('what keeps a project from being deleted', () => {
  it('is also a disk that failed without a trace this very moment, and is charged for nothing', async () => {
    const { alpha } = server.server.seeded.projects;
    const requested = await server.call('POST', `/v1/projects/${alpha}/disks`, { body });
    await server.fail(String(requested.body['id']));
    const { position } = await server.server.store.head();
    expect(await contents.blockers(alpha, everything, position)).toMatchObject([{ kind: 'disk' }]);
  });

  it('is not told from a view that lags behind', async () => {
    const { beta } = server.server.seeded.projects;
    const { position } = await server.server.store.head();
    await expect(contents.blockers(beta, everything, position + 1)).rejects.toThrow(LaneUnavailable);
  });
});
