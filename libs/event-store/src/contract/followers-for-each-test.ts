import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { FollowersUnderTest } from './followers-under-test.js';

/** A PostgreSQL for the file; for each of its tests followers on a database of its own, given to `begin` and closed afterwards. */
export const followersForEachTest = (begin: (opened: FollowersUnderTest) => void): void => {
  let postgres: TestPostgres;
  let opened: FollowersUnderTest;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    opened = await FollowersUnderTest.open(await postgres.createDatabase());
    begin(opened);
  });
  afterEach(() => opened.close());
};
