import { everything } from '@strata/event-store';
import { diskStream } from '@strata/disks';
import { historyOf, runStep, type StepPorts } from '@strata/operations';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

const pauseId = newId();
const typesOf = async (operationId: string) => {
  const { streams } = await work.store.load({ sight: everything, streams: [`operation-${operationId}`] });
  return streams[0] === undefined ? [] : historyOf(streams[0]).events.map(({ type }) => type);
};
const fresh = { looks: 0, lastSeen: null, heldBy: null, holds: [] };
const step = async (
  { diskId, operationId }: Awaited<ReturnType<WorkUnderTest['requestDisk']>>,
  memory: Partial<Parameters<typeof runStep>[2]> = {},
  ports: Partial<StepPorts<WorkUnderTest['cloud']>> = {},
) => runStep(work.patiently(ports as object), operationId, { ...fresh, resources: [diskStream(diskId)], ...memory });

describe('an operation under a pause', () => {
  it('intends and sends nothing, and waits until the pause ends', async () => {
    const requested = await work.requestDisk();
    expect(await step(requested, { heldBy: pauseId })).toMatchObject({
      lane: 'send',
      waitingFor: 'lock',
      heldBy: pauseId,
    });
    expect(await typesOf(requested.operationId)).toEqual(['OperationRequested']);
    expect(await work.disksInCloud()).toEqual([]);
  });

  it('that began while it waited for its turn is not sent either', async () => {
    const requested = await work.requestDisk();
    let nowMs = 0;
    const turnAt = () => Promise.resolve(void (nowMs += 1_000));
    const ports = { turnAt, monotonicMs: () => nowMs, heldBy: () => Promise.resolve(pauseId) };
    expect(await step(requested, {}, ports)).toMatchObject({ waitingFor: 'lock', heldBy: pauseId });
    expect(await typesOf(requested.operationId)).toEqual(['OperationRequested']);
  });

  it('goes on with what the cloud has taken', async () => {
    await work.simulate('latency', { jobMs: 3_600_000 });
    const requested = await work.requestDisk();
    expect(await step(requested)).toMatchObject({ lane: 'look', waitingFor: null });
    await work.simulate('latency', { jobMs: 0 });
    await work.simulate('clock', { advanceMs: 4_000_000 });
    expect(await step(requested, { heldBy: pauseId })).toBeNull();
    expect(await typesOf(requested.operationId)).toContain('OperationSucceeded');
  });

  it('is not given up while it is held, should the count of that time be lost', async () => {
    const requested = await work.requestDisk();
    const aDayLater = { nowMs: () => Date.now() + 24 * 3_600_000 };
    expect(await step(requested, { heldBy: pauseId }, aDayLater)).toMatchObject({
      waitingFor: 'lock',
      heldBy: pauseId,
    });
    expect(await typesOf(requested.operationId)).toEqual(['OperationRequested']);
  });

  it('does not fail for the time that it was held', async () => {
    const day = 24 * 3_600_000;
    const aDayLater = { nowMs: () => Date.now() + day };
    const held = await work.requestDisk();
    const holds = [{ sinceMs: Date.now() - day, untilMs: Date.now() + day }];
    expect(await step(held, { holds }, aDayLater)).toBeNull();
    expect(await typesOf(held.operationId)).toContain('OperationSucceeded');
    const idle = await work.requestDisk();
    expect(await step(idle, {}, aDayLater)).toBeNull();
    expect(await typesOf(idle.operationId)).toEqual(['OperationRequested', 'OperationFailed']);
  });
});
