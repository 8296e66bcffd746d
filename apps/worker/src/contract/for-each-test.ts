import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { FollowedLog, FollowedWork } from './followed-work.js';
import { TransferWork } from './transfer-work.js';
import { WorkLog } from './work-log.js';
import { WorkUnderTest } from './work-under-test.js';

type Begin<Started> = (started: Started) => void | Promise<void>;

interface Stoppable {
  stop(): Promise<void>;
}

/** A PostgreSQL for the file; for each of its tests what `start` makes on it, given to `begin` and stopped afterwards. */
export const forEachTest = <Started extends Stoppable>(
  start: (postgres: TestPostgres) => Promise<Started>,
  begin: Begin<Started>,
): void => {
  let postgres: TestPostgres;
  let started: Started;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    started = await start(postgres);
    await begin(started);
  });
  afterEach(() => started.stop());
};

/** The tests share a log: each sees what the ones before it left there, in projects and bindings that are not its own. */
const onOneLog =
  <Log extends { close(): Promise<void> }, Started extends Stoppable>(
    open: (postgres: TestPostgres) => Promise<Log>,
    on: (log: Log) => Promise<Started>,
  ) =>
  (begin: Begin<Started>): void => {
    let log: Log | undefined;
    forEachTest(async (postgres) => on((log ??= await open(postgres))), begin);
    afterAll(() => log?.close());
  };

export const forEachWork = onOneLog(
  (postgres) => WorkLog.open(postgres),
  (log) => WorkUnderTest.on(log),
);
export const forEachFollowedWork = onOneLog(
  (postgres) => FollowedLog.open(postgres),
  (log) => FollowedWork.on(log),
);
export const forEachTransferWork = onOneLog(
  (postgres) => WorkLog.open(postgres),
  (log) => TransferWork.on(log),
);
