import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { WorkLog, WorkUnderTest } from './work-under-test.js';

/** A PostgreSQL for the file; for each of its tests what `start` makes on it, given to `begin` and stopped afterwards. */
export const forEachTest = <Started extends { stop(): Promise<void> }>(
  start: (postgres: TestPostgres) => Promise<Started>,
  begin: (started: Started) => void | Promise<void>,
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

/** Work for each test of the file, given to `begin`, all on one log: for tests that look at their own project alone. */
export const forEachWork = (begin: (work: WorkUnderTest) => void | Promise<void>): void => {
  let log: WorkLog | undefined;
  forEachTest(async (postgres) => WorkUnderTest.on((log ??= await WorkLog.open(postgres))), begin);
  afterAll(() => log?.close());
};
