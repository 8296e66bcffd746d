import { CloudSilent } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { loadWorkerConfig } from '@strata/config';
import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import { BindingId } from '@strata/kernel';
import { bindingEvent, bindingStream, nodeOf } from '@strata/projects';
import { PostgresLeases } from '@strata/queue/postgres';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { pino } from 'pino';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CloudObserver, type ObserverPorts } from './cloud-observer.js';
import { FollowedViews } from './contract/followed-views.js';
import { WorkLog } from './contract/work-log.js';

let postgres: TestPostgres;
let log: WorkLog;
let followed: FollowedViews;

beforeAll(async () => {
  postgres = await startTestPostgres();
  log = await WorkLog.open(postgres);
  followed = new FollowedViews(log.databaseUrl, log.store);
  await followed.start();
});
afterAll(async () => {
  await followed.stop();
  await log.close();
  await postgres.stop();
});

const bound = async (): Promise<BindingId> => {
  const bindingId = BindingId.parse(newId());
  const access = {
    ...{ name: bindingId, kind: 'evs' as const, region: 'eu-de', cloudProjectId: '0123456789abcdef0123456789abcdef' },
    ...{ endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' }, credentials: { ref: 'none' } },
  };
  const events = [bindingEvent('BindingAdded', access)];
  const { status } = await log.store.append({
    ...{ appendId: newId(), mode: 'command', meta: { actorId: newId() } },
    streams: [{ stream: bindingStream(bindingId), projectId: nodeOf(bindingId), expectedVersion: 0, events }],
    changes: [{ change: 'binding-added', bindingId }],
  });
  expect(status).toBe('committed');
  return bindingId;
};

const observing = (change: Pick<ObserverPorts, 'clouds'> & Partial<ObserverPorts>): CloudObserver => {
  const { pool } = log.store;
  return new CloudObserver({
    ...{ store: log.store, views: followed.views, pool, ledger: new PostgresQuotaLedger(pool) },
    ...{ leases: new PostgresLeases(pool), settings: loadWorkerConfig({ DATABASE_URL: log.databaseUrl }).cloud },
    sweep: () => Promise.reject(new Error('no cloud is there to be swept')),
    logger: pino({ level: 'silent' }),
    ...change,
  });
};

describe('looking after bindings', () => {
  it('leaves none out, however many there are', { timeout: 240_000 }, async () => {
    const bindings = await Promise.all(Array.from({ length: 501 }, bound));
    await followed.caughtUp();
    const lookedAfter = new Set<string>();
    const observer = observing({
      clouds: { of: (bindingId) => Promise.resolve(void lookedAfter.add(bindingId)) },
    });
    observer.start();
    try {
      await expect.poll(() => lookedAfter.size, { timeout: 120_000 }).toBe(bindings.length);
    } finally {
      await observer.stop();
    }
    expect(lookedAfter).toEqual(new Set(bindings));
  });

  it.each([
    ['its worker stops', new Error('the worker stops')],
    ['the cloud is closed', new CloudSilent({ code: 'closed', message: '', requestId: null }, 'unavailable', null)],
  ])('says nothing of a round that is broken off as %s', async (_why, broken) => {
    const bindingId = await bound();
    await followed.caughtUp();
    const [asked, closed] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const quota = async () => {
      asked.resolve(undefined);
      await closed.promise;
      throw broken;
    };
    const cloud = Object.assign(Object.create(EvsDiskCloud.prototype) as EvsDiskCloud, { quota });
    const told: string[] = [];
    const observer = observing({
      clouds: { of: (id) => Promise.resolve(id === bindingId ? cloud : undefined) },
      logger: pino({ level: 'warn' }, { write: (line: string) => void told.push(line) }),
    });
    observer.start();
    const stop = () => {
      const stopped = observer.stop();
      closed.resolve(undefined);
      return stopped;
    };
    onTestFinished(stop);
    await asked.promise;
    await stop();
    expect(told).toEqual([]);
  });
});
