import { statusOf } from '@strata/disks';
import type { DiskId, JsonObject } from '@strata/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { forEachTest } from './contract/for-each-test.js';
import { cloudProjectId, spec, WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let serverId: string;
let disk: { readonly diskId: DiskId; readonly cloudId: string };

forEachTest(
  (postgres) => WorkUnderTest.start(postgres),
  async (started) => {
    work = started;
    serverId = await work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });
  },
);
beforeEach(async () => {
  disk = await work.provisioned();
});

const asked = (kind: string, input: JsonObject, command: object) =>
  work.request(kind, disk.diskId, { ...disk, ...input }, command);
const attach = () =>
  asked('disk.attach', { serverId, device: null }, { type: 'RequestAttachment', serverId, device: null });
const detach = () => asked('disk.detach', { serverId }, { type: 'RequestDetachment', serverId });
const retype = () =>
  asked(
    'disk.retype',
    { type: 'ESSD', availabilityZone: spec.availabilityZone },
    { type: 'RequestRetype', diskType: 'ESSD' },
  );
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
    servers: now.traits.attachments.map((attachment) => attachment.serverId),
    charged: { SSD: await of('gigabytes:SSD'), ESSD: await of('gigabytes:ESSD'), all: await of('gigabytes') },
  };
};

const ofSsd = { SSD: [0, 20], ESSD: [0, 0], all: [0, 20] };
const ofEssd = { SSD: [0, 0], ESSD: [0, 20], all: [0, 20] };
const ofBoth = { SSD: [0, 20], ESSD: [20, 0], all: [0, 20] };
const apart = { status: 'available', busy: false, type: 'SSD', servers: [] as string[], charged: ofSsd };
const together = () => ({ ...apart, status: 'in-use', servers: [serverId] });
const ofNewType = { ...apart, type: 'ESSD', charged: ofEssd };

const minuteMs = 60_000;

/** Each with how the disk is before, what it is when that was done, how it is called that it was not, and steps to its deadline. */
const kinds = [
  {
    kind: 'attach',
    request: attach,
    call: 'servers.attach',
    before: () => apart,
    done: together,
    fault: 'not-attached',
    stepMs: 10 * minuteMs,
  },
  {
    kind: 'detach',
    request: detach,
    call: 'servers.detach',
    before: together,
    done: () => apart,
    fault: 'still-attached',
    stepMs: 10 * minuteMs,
  },
  {
    kind: 'retype',
    request: retype,
    call: 'disks.retype',
    before: () => apart,
    done: () => ofNewType,
    fault: 'type-unchanged',
    stepMs: 8 * 60 * minuteMs,
  },
] as const;

/** The cloud's vendor brings the work that is stuck to one end or the other. */
const mend = async ({ status, type, servers }: typeof apart) => {
  const { cloudId } = disk;
  const [now] = await work.disksInCloud();
  const isAttached = now?.attachments.length === 1;
  await work.simulate(`disks/${cloudId}`, { status: isAttached ? 'in-use' : 'available', volumeType: type });
  const attachments = `servers/${serverId}/attachments`;
  if (!isAttached && servers.length === 1) await work.simulate(attachments, { diskId: cloudId });
  if (isAttached && servers.length === 0) await work.change('DELETE', `${attachments}/${cloudId}`);
  expect(await work.disksInCloud()).toMatchObject([{ status, type }]);
};

/** Whoever asks for the time is so much later. */
const everLater = (ms: number) => {
  let aheadMs = 0;
  return work.ports({ nowMs: () => Date.now() + (aheadMs += ms) });
};

describe.each(kinds)('the work of $kind whose job the cloud has forgotten for good', (each) => {
  const { request, call, before, done, fault, stepMs } = each;
  const match = { operation: call };
  beforeEach(async () => {
    if (before === together) await work.carryOut(await attach());
    expect(await told()).toEqual(before());
  });

  it.each([0, 300])('has succeeded when the disk shows so (%i ms)', async (jobMs) => {
    await work.simulate('latency', { jobMs });
    await work.faults({ kind: 'job-lost', match });
    const { operation } = await work.carryOut(await request());
    expect(operation.status).toBe('succeeded');
    expect(await told()).toEqual(done());
  });

  it.each([0, 300])('has failed when the disk is at rest as it was (%i ms)', async (jobMs) => {
    await work.simulate('latency', { jobMs });
    await work.faults({ kind: 'job-failed', match }, { kind: 'job-lost', match });
    const { operation } = await work.carryOut(await request(), everLater(10_000));
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud', cloud: { code: fault } } });
    expect(await told()).toEqual(before());
  });

  it.each(['done', 'undone'] as const)('is stuck at its deadline, and healed by a look at what is %s', async (end) => {
    await work.faults({ kind: 'job-stuck', match }, { kind: 'job-lost', match });
    const { operation } = await work.carryOut(await request(), everLater(stepMs));
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'stuck-in-cloud' } });
    const charged = call === 'disks.retype' ? ofBoth : ofSsd;
    expect(await told()).toEqual({ ...before(), status: 'error', charged });
    const mended = end === 'done' ? done() : before();
    await mend(mended);
    await refresh();
    expect(await told()).toEqual(mended);
  });
});
