import { statusOf } from '@strata/disks';
import type { DiskId, JsonObject } from '@strata/kernel';
import { Pace, type StepPoint } from '@strata/operations';
import { beforeEach, describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { fullPatience } from './contract/moved-clock.js';
import { cloudProjectId, spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let serverId: string;
let disk: { readonly diskId: DiskId; readonly cloudId: string };

const server = () => work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });

forEachWork(async (started) => {
  work = started;
  serverId = await server();
});
beforeEach(async () => {
  disk = await work.provisioned();
});

const asked = (kind: string, input: JsonObject, command: object) =>
  work.request(kind, disk.diskId, { ...disk, ...input }, command);
const attach = (to = serverId) =>
  asked('disk.attach', { serverId: to, device: null }, { type: 'RequestAttachment', serverId: to, device: null });
const detach = (from = serverId) =>
  asked('disk.detach', { serverId: from }, { type: 'RequestDetachment', serverId: from });
const retype = () =>
  asked(
    'disk.retype',
    { type: 'ESSD', availabilityZone: spec.availabilityZone },
    { type: 'RequestRetype', diskType: 'ESSD' },
  );
const extend = () => asked('disk.extend', { sizeGiB: 30 }, { type: 'RequestExtension', sizeGiB: 30 });
const refresh = async () => work.carryOut(await asked('disk.refresh', {}, { type: 'RequestRefresh' }));

/** What is told of the disk, and what is held and used of each type. */
const told = async () => {
  const now = await work.diskNow(disk.diskId);
  if (now.life !== 'in-cloud') throw new Error(`the disk is ${now.life}`);
  const of = async (dimension: string) => {
    const { held = 0, used = 0 } = await work.figuresOf(dimension);
    return [held, used];
  };
  return {
    status: statusOf(now),
    busy: now.open !== null,
    type: now.type,
    sizeGiB: now.sizeGiB,
    servers: now.traits.attachments.map((attachment) => attachment.serverId),
    charged: { SSD: await of('gigabytes:SSD'), ESSD: await of('gigabytes:ESSD'), all: await of('gigabytes') },
  };
};

const ofSsd = { SSD: [0, 20], ESSD: [0, 0], all: [0, 20] };
const apart = { status: 'available', busy: false, type: 'SSD', sizeGiB: 20, servers: [] as string[], charged: ofSsd };
const together = () => ({ ...apart, status: 'in-use', servers: [serverId] });
const ofNewType = { ...apart, type: 'ESSD', charged: { SSD: [0, 0], ESSD: [0, 20], all: [0, 20] } };
const ofNewSize = { ...apart, sizeGiB: 30, charged: { SSD: [0, 30], ESSD: [0, 0], all: [0, 30] } };

const minuteMs = 60_000;

/**
 * Each with how the disk is before, what it is when that was done, how it is called that it was not, and what is charged while
 * nobody knows.
 */
const kinds = [
  {
    ...{ kind: 'attach', request: () => attach(), call: 'servers.attach', deadlineMs: 30 * minuteMs },
    ...{ before: () => apart, done: together, fault: 'not-attached', undecided: ofSsd },
  },
  {
    ...{ kind: 'detach', request: () => detach(), call: 'servers.detach', deadlineMs: 30 * minuteMs },
    ...{ before: together, done: () => apart, fault: 'still-attached', undecided: ofSsd },
  },
  {
    ...{ kind: 'retype', request: retype, call: 'disks.retype', deadlineMs: 24 * 60 * minuteMs },
    ...{ before: () => apart, done: () => ofNewType, fault: 'type-unchanged' },
    undecided: { SSD: [0, 20], ESSD: [20, 0], all: [0, 20] },
  },
  {
    ...{ kind: 'extend', request: extend, call: 'disks.extend', deadlineMs: 60 * minuteMs },
    ...{ before: () => apart, done: () => ofNewSize, fault: 'size-unchanged' },
    undecided: { SSD: [10, 20], ESSD: [0, 0], all: [10, 20] },
  },
] as const;

/** The cloud's vendor brings the work that is stuck to one end or the other. */
const mend = async ({ status, type, sizeGiB, servers }: typeof apart) => {
  const { cloudId } = disk;
  const [now] = await work.disksInCloud();
  const isAttached = now?.attachments.length === 1;
  const atRest = { status: isAttached ? 'in-use' : 'available', volumeType: type, size: sizeGiB };
  await work.simulate(`disks/${cloudId}`, atRest);
  const attachments = `servers/${serverId}/attachments`;
  if (!isAttached && servers.length === 1) await work.simulate(attachments, { diskId: cloudId });
  if (isAttached && servers.length === 0) await work.change('DELETE', `${attachments}/${cloudId}`);
  expect(await work.disksInCloud()).toMatchObject([{ status, type, sizeGiB }]);
};

/** What happens meanwhile: right after the write, and after each look. */
interface Meanwhile {
  readonly sent?: () => Promise<unknown>;
  readonly looked?: (looks: number) => Promise<unknown> | undefined;
  readonly visibilityMs?: number;
}

/** Too slow to be looked at in the step that sends. */
const slow = () => new Pace(100, 100);

/** Carries it out in steps that are so far apart, whatever they take, and counts how often the cloud is looked at. */
const inSteps = async (operationId: string, stepMs: number, { sent, looked, visibilityMs = 0 }: Meanwhile = {}) => {
  let nowMs = Date.now();
  let looks = 0;
  const ports = work.patiently({
    nowMs: () => nowMs,
    patienceOf: () => ({ ...fullPatience, visibilityMs }),
    pace: slow(),
    passed: async (point: StepPoint) => {
      if (point === 'loaded') nowMs += stepMs;
      if (point === 'write-sent') await sent?.();
      if (point !== 'cloud-looked-at') return;
      looks += 1;
      await looked?.(looks);
    },
  });
  const history = await work.carryOut(operationId, ports);
  return { history, operation: history.operation, looks };
};

describe.each(kinds)('the work of $kind', (each) => {
  const { request, call, before, done, fault, undecided, deadlineMs } = each;
  const match = { operation: call };
  const inVain = { status: 'failed', error: { code: 'failed-in-cloud', cloud: { code: fault } } };
  const stuck = { status: 'failed', error: { code: 'stuck-in-cloud' } };
  /** As if the cloud had not begun. */
  const untouched = () => work.simulate(`disks/${disk.cloudId}`, { status: before().status });

  beforeEach(async () => {
    if (before === together) await work.carryOut(await attach());
    expect(await told()).toEqual(before());
  });

  describe('whose job the cloud has forgotten for good', () => {
    it.each([0, 300])('has succeeded when the disk shows so (%i ms)', async (jobMs) => {
      await work.simulate('latency', { jobMs });
      await work.faults({ kind: 'job-lost', match });
      const { operation } = await work.carryOut(await request());
      expect(operation.status).toBe('succeeded');
      expect(await told()).toEqual(done());
    });

    it.each([
      ['for two minutes', 30_000, 0, 5],
      ['for the visibility bound where that is longer', 30_000, 5 * minuteMs, 11],
      ['twice, and never once, however late', 3 * minuteMs, 0, 2],
    ])('has failed when the disk was seen at rest as it was %s', async (_how, stepMs, visibilityMs, expected) => {
      await work.faults({ kind: 'job-stuck', match }, { kind: 'job-lost', match });
      const { operation, looks } = await inSteps(await request(), stepMs, { sent: untouched, visibilityMs });
      expect(operation).toMatchObject(inVain);
      expect(looks).toBe(expected);
      expect(await told()).toEqual(before());
    });

    it.each(['done', 'undone'] as const)(
      'is stuck at its deadline, and healed by a look at what is %s',
      async (end) => {
        await work.faults({ kind: 'job-stuck', match }, { kind: 'job-lost', match });
        const { operation } = await inSteps(await request(), deadlineMs / 4);
        expect(operation).toMatchObject(stuck);
        expect(await told()).toEqual({ ...before(), status: 'error', charged: undecided });
        const mended = end === 'done' ? done() : before();
        await mend(mended);
        await refresh();
        expect(await told()).toEqual(mended);
      },
    );
  });

  it('goes on when its job was not known for a while', async () => {
    const unknown = () =>
      work.faults({ kind: 'job-lost', times: 4, match: { operation: ['jobs.get', 'serverJobs.get'] } });
    await work.faults({ kind: 'job-stuck', match });
    const { operation, looks } = await inSteps(await request(), 30_000, {
      sent: () => Promise.all([untouched(), unknown()]),
      looked: (so) => (so === 12 ? mend(done()) : so % 5 === 0 ? unknown() : undefined),
    });
    expect(operation.status).toBe('succeeded');
    expect(looks).toBe(13);
    expect(await told()).toEqual(done());
  });

  it.each([
    ['waiting', 36_000_000],
    ['running', 0],
  ])(
    'is suspected while its job is %s, and neither failed nor let go because the disk is as it was',
    async (state, jobMs) => {
      await work.simulate('latency', { jobMs });
      await work.faults({ kind: 'job-stuck', match });
      const { history, operation } = await inSteps(await request(), deadlineMs / 20, {
        sent: untouched,
        looked: async (looks) => {
          if (looks !== 15) return;
          expect(await told()).toMatchObject({ busy: true, charged: undecided });
          await mend(done());
        },
      });
      const progressed = history.events.flatMap(({ type, data }) => (type === 'CloudProgressed' ? data.state : []));
      expect(progressed).toEqual([state]);
      expect(history.events.map(({ type }) => type)).toContain('OperationStuckSuspected');
      expect(operation.status).toBe('succeeded');
      expect(await told()).toEqual(done());
    },
  );
});

describe.each(kinds.filter(({ kind }) => kind !== 'extend'))('the work of $kind that fails unheard', (each) => {
  const { request, call, before, fault } = each;
  const match = { operation: call };

  it.each([0, 300])('leaves the disk at rest as it was (%i ms)', async (jobMs) => {
    if (before === together) await work.carryOut(await attach());
    await work.simulate('latency', { jobMs });
    await work.faults({ kind: 'job-failed', match }, { kind: 'job-lost', match });
    const { operation } = await inSteps(await request(), 30_000);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud', cloud: { code: fault } } });
    expect(await told()).toEqual(before());
  });
});

describe('an extension whose job has failed', () => {
  const asSent = async (meanwhile: Meanwhile) => {
    await work.faults({ kind: 'job-failed', match: { operation: 'disks.extend' } });
    return inSteps(await extend(), 30_000, meanwhile);
  };

  it('is done where the disk has the size all the same', async () => {
    const { operation } = await asSent({ sent: () => mend(ofNewSize) });
    expect([operation.status, await told()]).toEqual(['succeeded', ofNewSize]);
  });

  it('goes on while the disk is being extended', async () => {
    const sent = () => work.simulate(`disks/${disk.cloudId}`, { status: 'extending' });
    const { operation, looks } = await asSent({ sent, looked: (so) => (so === 3 ? mend(ofNewSize) : undefined) });
    expect([operation.status, looks, await told()]).toEqual(['succeeded', 4, ofNewSize]);
  });

  it('has failed where the disk is at rest as it was', async () => {
    const { operation } = await asSent({ sent: () => mend(apart) });
    expect([operation.status, await told()]).toEqual(['failed', apart]);
  });
});

/** The cloud may show it in use all the while. */
describe('a disk that another server has as well', () => {
  let other: string;
  beforeEach(async () => {
    disk = await work.provisioned({ shareable: true });
    other = await server();
    await work.carryOut(await attach(other));
  });

  const inVain = async (request: () => Promise<string>, call: string, servers: readonly string[]) => {
    const match = { operation: call };
    await work.faults({ kind: 'job-stuck', match }, { kind: 'job-lost', match });
    const sent = () => work.simulate(`disks/${disk.cloudId}`, { status: 'in-use' });
    const { operation } = await inSteps(await request(), 3 * minuteMs, { sent });
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'stuck-in-cloud' } });
    await refresh();
    expect(await told()).toMatchObject({ status: 'in-use', busy: false, servers });
  };

  it('does not tell that it was attached in vain', () => inVain(() => attach(), 'servers.attach', [other]));

  it('does not tell that it was detached in vain', async () => {
    await work.carryOut(await attach());
    await inVain(() => detach(), 'servers.detach', [other, serverId]);
  });
});

describe('the making of a disk', () => {
  it('has failed, with nothing left and nothing held, when others have removed the disk meanwhile', async () => {
    const { operationId } = await work.requestDisk();
    const match = { operation: 'disks.create' };
    await work.faults({ kind: 'job-stuck', match }, { kind: 'job-lost', match });
    const removed = async () => {
      const made = (await work.disksInCloud()).find(({ cloudId }) => cloudId !== disk.cloudId);
      return work.simulate(`disks/${made?.cloudId ?? ''}`, { delete: true });
    };
    const { operation } = await inSteps(operationId, 30_000, { looked: (so) => (so === 1 ? removed() : undefined) });
    expect(operation).toMatchObject({ status: 'failed', error: { retryable: true, cloud: { code: 'not-found' } } });
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });
});
