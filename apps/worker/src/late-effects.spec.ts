import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import type { StepPoint } from '@strata/operations';
import type { FaultSpec } from '@strata/simulator';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AskedWork } from './contract/asked-work.js';
import { FollowedViews } from './contract/followed-views.js';
import { fullPatience, MovedClock, type Mishaps } from './contract/moved-clock.js';
import { Strangers } from './contract/strangers.js';
import { cloudProjectId, spec, WorkUnderTest } from './contract/work-under-test.js';

let postgres: TestPostgres;
let work: WorkUnderTest;
let followed: FollowedViews;
let clock: MovedClock;
let strangers: Strangers;
let asked: AskedWork;

beforeAll(async () => {
  postgres = await startTestPostgres();
  work = await WorkUnderTest.start(postgres);
  followed = new FollowedViews(work.databaseUrl, work.store);
  await followed.start();
  clock = new MovedClock(work);
  strangers = new Strangers(work, followed);
  const serverId = await work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });
  asked = new AskedWork(work, clock, strangers, serverId);
  await work.simulate('latency', { jobMs: 6_000 });
});
afterAll(async () => {
  await followed.stop();
  await work.stop();
  await postgres.stop();
});

type Kind = keyof AskedWork['kinds'];
const all: Readonly<Record<Kind, true>> = {
  ...{ 'disk.create': true, 'disk.create of an image': true, 'disk.recreate': true, 'disk.extend': true },
  ...{ 'disk.retype': true, 'disk.update': true, 'disk.attach': true, 'disk.detach': true, 'disk.image': true },
  ...{ 'disk.delete': true, 'disk.adopt': true, 'finding.remove': true, 'snapshot.create': true },
  ...{ 'snapshot.update': true, 'snapshot.delete': true, 'snapshot.rollback': true },
};
const kinds = Object.keys(all) as readonly Kind[];
/** What carries a marker, and is looked for by it. */
const marked: readonly Kind[] = ['disk.create', 'disk.create of an image', 'disk.recreate', 'snapshot.create'];
/** All that a step passes by. */
const points: readonly StepPoint[] = [
  ...(['loaded', 'intent-recorded', 'write-sent', 'answer-recorded'] as const),
  ...(['effect-looked-up', 'cloud-looked-at', 'end-recorded'] as const),
];

const writes = [
  ...(['disks.create', 'disks.delete', 'disks.extend', 'disks.retype', 'tags.change', 'metadata.merge'] as const),
  ...(['volumes.update', 'volumes.action', 'servers.attach', 'servers.detach', 'snapshotMetadata.*'] as const),
  ...(['snapshots.create', 'snapshots.update', 'snapshots.delete', 'snapshots.rollback'] as const),
];
const match = { operation: [...writes] };
/** The clocks go on by themselves: so long may a machine take from an intent to its effect on top of what is told here. */
const standsStillMs = 5_000;
/** The latest that is allowed for: as long on its way as a request may be, then as long out of sight as the bound says. */
const latestSeconds = (fullPatience.requestTimeoutMs + fullPatience.visibilityMs) / 1_000;
const late: FaultSpec = { kind: 'late-effect', seconds: latestSeconds, match };
/** The first answer of each kind of call: what takes several loses one after the other. */
const lost = writes.map((operation): FaultSpec => ({ kind: 'drop-answer', times: 1, match: { operation } }));
const answers: readonly (readonly FaultSpec[])[] = [[late], [late, ...lost]];

const expectOnce = async (kind: Kind, mishaps: Mishaps, faults: readonly FaultSpec[]): Promise<void> => {
  const { operationId, effect, times } = await asked.kinds[kind]();
  await work.faults(...faults);
  const { operation } = await clock.carryOut(operationId, mishaps);
  await work.faults();
  const code = operation.status === 'failed' ? operation.error.code : operation.status;
  // Nobody may send it a second time: of what nobody saw the operation says so.
  if (times !== undefined && code === 'outcome-unknown') return expect(await times()).toBeLessThanOrEqual(1);
  const what = { kind, ...mishaps, lost: faults.length > 1 };
  expect({ ...what, code }).toEqual({ ...what, code: 'succeeded' });
  await effect();
};

describe('effects that show two minutes late', () => {
  it.each(kinds)('come of %s once, wherever its worker dies, answered or not', { timeout: 120_000 }, async (kind) => {
    for (const faults of answers)
      for (const diesAt of [undefined, ...points]) await expectOnce(kind, { diesAt }, faults);
  });

  it.each(marked)('come of %s once when its worker was frozen until it was nearly too late to send', async (kind) => {
    for (const faults of answers)
      await expectOnce(kind, { frozenMs: fullPatience.sendWithinMs - standsStillMs }, faults);
  });

  it('leave nothing unknown after two sweeps, and a ledger that the log adds up to', async () => {
    await clock.pass(latestSeconds * 1_000);
    for (let time = 1; time <= 2; time += 1)
      expect(await strangers.sweep()).toMatchObject({ unknown: 0, surplusRemoved: 0, missing: 0 });
    expect((await new PostgresQuotaLedger(work.store.pool).recount()).differences).toEqual([]);
  });
});
