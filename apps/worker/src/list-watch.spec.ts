import { CloudSilent } from '@strata/cloud';
import { PostgresLeases, PostgresShownOperations } from '@strata/queue/postgres';
import { startWorkerPool, type TestWorkerPool } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ListWatch } from './list-watch.js';

let workers: TestWorkerPool;
beforeAll(async () => {
  workers = await startWorkerPool();
});
afterAll(() => workers.stop());

/** One operation that the list is to follow, with the cloud for so long. */
const followed = async (bindingId: string, sinceSeconds: number): Promise<void> => {
  const operationId = newId();
  await workers.pool.query(
    `insert into operation_schedule
       (operation_id, project_id, binding_id, kind, lane, due_at, deadline_at, resources, shows_as, watched, shows_since)
     values ($1, $2, $3, 'disk.create', 'look', now() + interval '1 hour', now() + interval '1 hour', '{}', $4, true,
             now() - $5::float8 * interval '1 second')`,
    [operationId, newId(), bindingId, `${operationId}.1`, sinceSeconds],
  );
};

describe('following what a cloud makes by its list', () => {
  // From 20 s to 100 s it is asked for by a fraction of that time, which is a fraction of a millisecond, too.
  it.each([0.4, 20.192927, 61.000123, 99.99999, 3_600.5])('asks when the newest is there for %d s', async (seconds) => {
    const bindingId = newId();
    await followed(bindingId, seconds);
    const asked = Promise.withResolvers<string>();
    const watch = new ListWatch({
      shown: new PostgresShownOperations(workers.pool),
      leases: new PostgresLeases(workers.pool),
      cloudOf: (of) => {
        asked.resolve(of);
        return Promise.resolve(undefined);
      },
      logger: { warn: () => undefined, error: ({ err }: { readonly err: Error }) => asked.reject(err) },
    });
    watch.start();
    try {
      expect(await asked.promise).toBe(bindingId);
    } finally {
      await watch.stop();
      await workers.pool.query('delete from operation_schedule');
    }
  });

  it.each([
    ['its worker stops', new Error('the worker stops')],
    ['the cloud is closed', new CloudSilent({ code: 'closed', message: '', requestId: null }, 'unavailable', null)],
  ])('says nothing of a list that is broken off as %s', async (_why, broken) => {
    await followed(newId(), 1);
    const [asked, closed] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const told: unknown[] = [];
    const tell = (...line: readonly unknown[]) => void told.push(line);
    const watch = new ListWatch({
      shown: new PostgresShownOperations(workers.pool),
      leases: new PostgresLeases(workers.pool),
      cloudOf: async () => {
        asked.resolve(undefined);
        await closed.promise;
        throw broken;
      },
      logger: { warn: tell, error: tell },
    });
    watch.start();
    const stop = () => {
      const stopped = watch.stop();
      closed.resolve(undefined);
      return stopped;
    };
    onTestFinished(async () => {
      await stop();
      await workers.pool.query('delete from operation_schedule');
    });
    await asked.promise;
    await stop();
    expect(told).toEqual([]);
  });
});
