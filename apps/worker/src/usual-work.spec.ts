import { startTestPostgres, until, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FollowedViews } from './contract/followed-views.js';
import { WorkUnderTest } from './contract/work-under-test.js';
import { UsualWork } from './usual-work.js';

let postgres: TestPostgres;
let work: WorkUnderTest;
let followed: FollowedViews;

beforeAll(async () => {
  postgres = await startTestPostgres();
  work = await WorkUnderTest.start(postgres);
  followed = new FollowedViews(work.databaseUrl, work.store);
  await followed.start();
});
afterAll(async () => {
  await followed.stop();
  await work.stop();
  await postgres.stop();
});

describe('how long work usually takes', () => {
  it('is told by what succeeded of its kind in its binding, and believed for a while', async () => {
    let nowMs = 0;
    const usual = new UsualWork(followed.views, () => nowMs);
    for (let disks = 1; disks <= 3; disks++) await work.provisioned();
    await work.faults({ kind: 'job-failed', times: 1 });
    await work.carryOut((await work.requestDisk()).operationId);
    await until('the view has seen them', async () => {
      nowMs += 300_000;
      return (await usual.of('disk.create', work.bindingId)).length === 3;
    });
    for (const tookMs of await usual.of('disk.create', work.bindingId)) expect(tookMs).toBeGreaterThanOrEqual(0);
    expect(await usual.of('disk.extend', work.bindingId)).toEqual([]);
    expect(await usual.of('disk.create', newId())).toEqual([]);
    await work.provisioned();
    expect(await usual.of('disk.create', work.bindingId)).toHaveLength(3);
  });
});
