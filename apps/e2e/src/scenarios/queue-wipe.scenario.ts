import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type Disk, hasEnded, type Operation } from '../harness/client.js';
import { eventually } from '../harness/eventually.js';
import type { Services } from '../harness/services.js';

export interface QueueOfServices {
  readonly services: Services;
  /** Forgets every job, as an operator with the wrong terminal would. */
  readonly wipe: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** What was admitted and forgotten is admitted again after the lease; a step that lost its lease over it is soon made up for. */
export const shortLease = {
  STRATA_LEASE_MS: '3000',
  STRATA_DISPATCH_INTERVAL_MS: '100',
  STRATA_SEND_BEFORE_MS: '2000',
  STRATA_CLOUD_REQUEST_TIMEOUT_MS: '3000',
  STRATA_CLOUD_VISIBILITY_MS: '2000',
};

const creates = process.env['STRATA_TEST_SCALE'] === 'nightly' ? 1_000 : 100;

const requestDisk = async (client: Client, projectId: string, name: string): Promise<Operation> => {
  const wish = { name, sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
  const { status, body } = await client.post<Operation>(`/v1/projects/${projectId}/disks`, wish);
  expect(status).toBe(202);
  return body;
};

const ended = (client: Client, id: string) =>
  eventually(`operation ${id} has ended`, async () => {
    const operation = await client.read<Operation>(`/v1/operations/${id}`);
    return hasEnded(operation) ? operation : undefined;
  });

const expectTheSameDisks = async ({ admin, cloud }: Services, count: number): Promise<void> => {
  const shown = await eventually('the list has caught up', async () => {
    const disks = await admin.all<Disk>('/v1/disks');
    return disks.length === count && disks.every(({ status }) => status === 'available') ? disks : undefined;
  });
  expect((await cloud.disks()).map(({ id }) => id).toSorted()).toEqual(shown.map((disk) => disk.cloud?.id).toSorted());
};

/** I4: the queue holds nothing that the log does not. */
export const theQueueMayBeWiped = (backend: string, open: () => Promise<QueueOfServices>): void => {
  let under: QueueOfServices;
  let known = 0;

  beforeAll(async () => {
    under = await open();
    await under.services.raiseLimits(under.services.seeded.projects.alpha);
  });
  afterAll(() => under.end());

  describe(`the queue in ${backend}`, () => {
    it(`is wiped in the middle of ${creates} creates, and all of them end`, { timeout: 300_000 }, async () => {
      const { services, wipe } = under;
      const { alpha, cloud, seeded } = services;
      await cloud.jobsTake(500);
      const path = `/v1/projects/${seeded.projects.alpha}/operations`;
      const countEnded = async () => (await alpha.all<Operation>(path)).filter(hasEnded).length;
      const request = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => requestDisk(alpha, seeded.projects.alpha, `wiped-${from + i}`));
      // The last come after the third wipe: so many are in the middle, however fast the others are.
      const requested = request(0, 0.8 * creates);
      for (const [wiped, share] of [0, 0.1, 0.3, 0.5, 0.7].entries()) {
        if (wiped === 3) requested.push(...request(0.8 * creates, creates));
        await eventually('more has ended', async () => (await countEnded()) >= share * creates);
        await wipe();
      }
      for (const { id } of await Promise.all(requested)) {
        expect(await ended(alpha, id)).toMatchObject({ status: 'succeeded' });
      }
      await expectTheSameDisks(services, (known += creates));
    });

    it(
      'lets the API accept while the cloud is down; the operations say so, and are carried out later',
      { timeout: 300_000 },
      async () => {
        const { services } = under;
        const { alpha, simulator, seeded } = services;
        await simulator.stop();
        const waiting = await Promise.all(
          Array.from({ length: 5 }, (_, i) => requestDisk(alpha, seeded.projects.alpha, `patient-${i}`)),
        );
        for (const { id } of waiting) {
          await eventually(`operation ${id} waits for the cloud`, async () => {
            const { status, waitingFor } = await alpha.read<Operation>(`/v1/operations/${id}`);
            return status !== 'succeeded' && waitingFor === 'cloud';
          });
        }
        expect((await alpha.get('/health/ready')).status).toBe(200);
        await simulator.start();
        for (const { id } of waiting) expect(await ended(alpha, id)).toMatchObject({ status: 'succeeded' });
        await expectTheSameDisks(services, (known += waiting.length));
      },
    );
  });
};
