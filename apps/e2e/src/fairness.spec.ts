import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded, type Operation } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { Services } from './harness/services.js';

/** A round gives each project as many places in the queue as this. */
const perRound = 10;
const many = 1_000;
const batchOf = 100;
const requestMs = 500;

let services: Services;
let database: pg.Pool;
beforeAll(async () => {
  services = await Services.start({ env: { STRATA_QUEUED_PER_PROJECT: String(perRound) } });
  database = new pg.Pool({ connectionString: services.database.admin, max: 1 });
  await services.raiseLimits(services.seeded.projects.alpha);
});
afterAll(async () => {
  await database.end();
  await services.stop();
});

const wish = { name: 'disk', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };

/** Sends that were begun for a project in a stretch of the log. */
const sendsOf = async (projectId: string, after: number, before: number): Promise<number> => {
  const { rows } = await database.query<{ sends: string }>(
    `select count(*) as sends from events
      where type = 'SendIntended' and project_id = $1 and position > $2 and position < $3`,
    [projectId, after, before],
  );
  return Number(rows[0]?.sends);
};

describe('two projects, of which one asks for a thousand disks', () => {
  it(
    'get their turns alike: the one disk of the other waits for two rounds at most',
    { timeout: 300_000 },
    async () => {
      const { alpha, beta, seeded, cloud } = services;
      await cloud.jobsTake(0);
      // So that half of the many take a minute, whatever holds up this test meanwhile.
      await cloud.requestsTake(requestMs);
      for (let asked = 0; asked < many; asked += batchOf) {
        const { status } = await alpha.post(`/v1/projects/${seeded.projects.alpha}/disks`, { ...wish, count: batchOf });
        expect(status).toBe(202);
      }
      await eventually('the first of the many are on their way', async () => {
        return (await sendsOf(seeded.projects.alpha, 0, Number.MAX_SAFE_INTEGER)) > perRound;
      });
      const { status, body } = await beta.post<Operation>(`/v1/projects/${seeded.projects.beta}/disks`, wish);
      expect(status).toBe(202);
      await eventually('the one disk is there', async () => {
        const one = await beta.read<Operation>(`/v1/operations/${body.id}`);
        return hasEnded(one) && one.status === 'succeeded';
      });
      const { rows } = await database.query<{ position: string }>(
        `select position from events where type = 'SendIntended' and stream = $1`,
        [`operation-${body.id}`],
      );
      const turn = Number(rows[0]?.position);
      const before = await sendsOf(seeded.projects.alpha, body.position, turn);
      const sent = await sendsOf(seeded.projects.alpha, 0, Number.MAX_SAFE_INTEGER);
      process.stdout.write(`${before} sends of the many before the one; ${sent} of ${many} so far\n`);
      expect(before).toBeLessThanOrEqual(2 * perRound);
      // Else nothing was shown: the many were still waiting when the one had its turn.
      expect(await sendsOf(seeded.projects.alpha, 0, turn)).toBeLessThan(many / 2);
    },
  );
});
