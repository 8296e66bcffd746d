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

const wipes = 5;
const createsPerWipe = process.env['STRATA_TEST_SCALE'] === 'nightly' ? 200 : 20;
const creates = wipes * createsPerWipe;

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
      const requested: Operation[] = [];
      const isAtWork = ({ id }: Operation) =>
        alpha.read<Operation>(`/v1/operations/${id}`).then(({ status }) => status === 'running');
      for (let n = 0; n < wipes; n++) {
        // What is asked for now is open when the queue is wiped, whatever takes how long: the cloud does not come to an end of it.
        await cloud.clock({ rate: 0 });
        const names = Array.from({ length: createsPerWipe }, (_, i) => `wiped-${n}-${i}`);
        const asked = await Promise.all(names.map((name) => requestDisk(alpha, seeded.projects.alpha, name)));
        const [first] = asked;
        // In turn: while it waits to be sent, and while it is looked after.
        if (first && n % 2 === 1) await eventually('the first is at work', () => isAtWork(first));
        await wipe();
        await cloud.clock({ rate: 1 });
        requested.push(...asked);
      }
      for (const { id } of requested) expect(await ended(alpha, id)).toMatchObject({ status: 'succeeded' });
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
