import type { CloudDisk, DiskCloud } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import {
  decideDisk,
  diskCarriers,
  diskEvents,
  diskKinds,
  diskOf,
  diskStream,
  statusOf,
  sweepDisks,
  type DiskCommand,
} from '@strata/disks';
import { EventTypes, everything, type StreamAppend } from '@strata/event-store';
import { PostgresEventStore, PostgresQuotaLedger } from '@strata/event-store/postgres';
import { BindingId, DiskId, OperationId, ProjectId, type JsonObject } from '@strata/kernel';
import {
  historyOf,
  KindRegistry,
  operationEvent,
  operationEvents,
  Pace,
  runStep,
  scheduleChangesOf,
  type After,
  type Carrier,
  type StepPorts,
} from '@strata/operations';
import { bindingEvents, projectEvents } from '@strata/projects';
import { startSimulator, type FaultSpec, type Simulator } from '@strata/simulator';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const cloudProjectId = '0123456789abcdef0123456789abcdef';
const patience = { sendWithinMs: 300, requestTimeoutMs: 500, visibilityMs: 700 };
const spec = {
  name: 'ledger',
  description: '',
  sizeGiB: 20,
  type: 'SSD',
  availabilityZone: 'eu-de-01',
  tags: {},
  metadata: {},
};

let postgres: TestPostgres;
let simulator: Simulator;
let store: PostgresEventStore;
let cloud: EvsDiskCloud;
let projectId: ProjectId;
let bindingId: BindingId;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, jobMs: 0 });
  const database = await postgres.createDatabase();
  const types = new EventTypes([projectEvents, bindingEvents, operationEvents, diskEvents]);
  store = new PostgresEventStore({ url: database.worker, types, poolSize: 4 });
  cloud = new EvsDiskCloud(access());
  projectId = ProjectId.parse(newId());
  bindingId = BindingId.parse(newId());
  await append({ changes: [{ change: 'binding-added', bindingId }] });
  await append({ changes: [{ change: 'project-added', projectId, parentId: null, bindingId, name: 'alpha' }] });
});
afterEach(async () => {
  await Promise.all([cloud.close(), store.close(), simulator.close()]);
});

const access = () => ({
  kind: 'evs' as const,
  region: 'eu-de',
  endpoints: { iam: simulator.url, evs: simulator.url },
  cloudProjectId,
  credentials: { domain: 'strata-simulator', user: 'strata', password: 'strata-simulator' },
});

const append = async (what: Partial<Parameters<PostgresEventStore['append']>[0]>) => {
  const note = { stream: `project-${newId()}` as const, projectId, expectedVersion: 0, events: [renamed] };
  const verdict = await store.append({
    appendId: newId(),
    mode: 'command',
    streams: what.changes ? [{ ...note, projectId: ownerOf(what) }] : [],
    meta: { actorId: newId() },
    ...what,
  });
  expect(verdict.status).toBe('committed');
};
const renamed = { type: 'ProjectRenamed', schemaVersion: 1, data: { name: 'alpha' } };
const ownerOf = ({ changes = [] }: Partial<Parameters<PostgresEventStore['append']>[0]>) =>
  ProjectId.parse(changes.some(({ change }) => change === 'binding-added') ? bindingId : projectId);

const faults = async (...active: FaultSpec[]) => {
  const answer = await fetch(`${simulator.url}/_simulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults: active }),
  });
  expect(answer.ok).toBe(true);
};

const disksInCloud = async () => {
  const disks: CloudDisk[] = [];
  for await (const page of cloud.listDisks()) disks.push(...page);
  return disks;
};

/** What the api would write for a request concerning one disk. */
const request = async (
  kind: string,
  diskId: DiskId,
  input: JsonObject,
  command: Omit<DiskCommand, 'work'> | object,
) => {
  const operationId = OperationId.parse(newId());
  const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  if (loaded === undefined) throw new Error('no stream');
  const work = { operationId, shownAs: operationId };
  const decision = decideDisk({ ...command, work } as DiskCommand, diskOf(loaded));
  if (!decision.accepted) throw new Error(decision.refusal.type);
  const requested = operationEvent('OperationRequested', {
    operationId,
    kind,
    projectId,
    bindingId,
    target: { type: 'disk', id: diskId },
    input,
    partOf: null,
    parts: [],
    retryOf: null,
  });
  const streams: StreamAppend[] = [
    { stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: [requested] },
    { stream: loaded.stream, projectId, expectedVersion: loaded.version, events: decision.events },
  ];
  await append({ streams });
  return operationId;
};

const requestDisk = async () => {
  const diskId = DiskId.parse(newId());
  const command = { type: 'RequestDisk', diskId, projectId, bindingId, spec };
  return { diskId, operationId: await request('disk.create', diskId, { diskId, ...spec }, command) };
};

/** Of a log that knows no disks. */
const sweepAll = (of: DiskCloud, id: string) =>
  sweepDisks(
    {
      store,
      cloud: of,
      disksOf: async function* () {
        yield await Promise.resolve([]);
      },
      budget: () => Promise.resolve(),
      requestTimeoutMs: 1_000,
    },
    id,
  );

const ports = (change: Partial<StepPorts<DiskCloud>> = {}): StepPorts<DiskCloud> => {
  const kinds = new KindRegistry(diskKinds);
  const carriers = new Map<string, Carrier<DiskCloud>>(diskCarriers(sweepAll).map((each) => [each.kind, each]));
  return {
    store,
    rulesOf: (kind) => kinds.rulesOf(kind),
    carrierOf: (kind) => carriers.get(kind) as Carrier<DiskCloud>,
    cloudOf: () => Promise.resolve(cloud),
    patienceOf: () => patience,
    pace: new Pace(20, 100),
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => 0,
    passed: () => Promise.resolve(),
    stillMine: () => true,
    turnAt: () => Promise.resolve(),
    ...change,
  };
};

/** As the dispatcher notes them when an operation is requested. */
const resourcesOf = async (operationId: string) => {
  const [stream] = (await store.load({ sight: everything, streams: [`operation-${operationId}`] })).streams;
  const [first] = stream?.events ?? [];
  if (first === undefined) throw new Error('no such operation');
  return scheduleChangesOf(first, (kind) => new KindRegistry(diskKinds).rulesOf(kind)).flatMap((each) =>
    each.change === 'open' ? each.resources : [],
  );
};

/** As the schedule would: each step when it is due, until the operation has ended. */
const carryOut = async (operationId: string, with_: StepPorts<DiskCloud> = ports()) => {
  const resources = await resourcesOf(operationId);
  let after: After = { lane: 'send', dueInMs: 0, looks: 0, lastSeen: null, waitingFor: null };
  for (let steps = 0; steps < 100 && after !== null && after !== 'gone'; steps++) {
    const dueInMs: number = Math.min(after.dueInMs, 400);
    await new Promise((resolve) => setTimeout(resolve, dueInMs));
    after = await runStep(with_, operationId, { ...after, resources });
  }
  const [stream] = (await store.load({ sight: everything, streams: [`operation-${operationId}`] })).streams;
  if (stream === undefined) throw new Error('no stream');
  return historyOf(stream);
};

const diskNow = async (diskId: DiskId) => {
  const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  if (loaded === undefined) throw new Error('no stream');
  return diskOf(loaded);
};

const figures = async () => {
  const [newest] = await new PostgresQuotaLedger(store.pool).history({ sight: everything, node: projectId, limit: 1 });
  const gigabytes = newest?.figures.find(({ dimension }) => dimension === 'gigabytes');
  return { held: gigabytes?.held, used: gigabytes?.used, releasing: gigabytes?.releasing };
};

const provisioned = async () => {
  const { diskId, operationId } = await requestDisk();
  await carryOut(operationId);
  const disk = await diskNow(diskId);
  if (disk.life !== 'in-cloud') throw new Error(`the disk is ${disk.life}`);
  return { diskId, cloudId: disk.cloudId };
};

describe('carrying out the creation of a disk', () => {
  it('ends with one disk in the cloud, available and charged', async () => {
    const { diskId, operationId } = await requestDisk();
    const { operation, events } = await carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    expect(events.map(({ type }) => type)).toEqual([
      'OperationRequested',
      'SendIntended',
      'SendAccepted',
      'OperationSucceeded',
    ]);
    expect(statusOf(await diskNow(diskId))).toBe('available');
    expect(await disksInCloud()).toMatchObject([{ name: 'ledger', sizeGiB: 20, marker: `${operationId}.1` }]);
    expect(await figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it.each<FaultSpec>([
    { kind: 'drop-answer', times: 1, match: { operation: 'disks.create' } },
    { kind: 'error-after-accept', times: 1, match: { operation: 'disks.create' } },
    { kind: 'hang', times: 1, match: { operation: 'disks.create' } },
  ])('adopts the disk of a lost answer ($kind) and sends no second time', async (fault) => {
    await faults(fault);
    const { diskId, operationId } = await requestDisk();
    const { operation, events } = await carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    expect(events.filter(({ type }) => type === 'SendIntended')).toHaveLength(1);
    expect(await disksInCloud()).toMatchObject([{ marker: `${operationId}.1` }]);
    expect(statusOf(await diskNow(diskId))).toBe('available');
  });

  it('sends again when a request was lost on its way, after looking for long enough', async () => {
    await faults({ kind: 'drop-request', times: 1, match: { operation: 'disks.create' } });
    const { operationId } = await requestDisk();
    const { operation, events } = await carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    const presumed = events.find((event) => event.type === 'SendPresumedAbsent');
    expect(presumed?.data).toMatchObject({ attempt: 1 });
    expect(await disksInCloud()).toMatchObject([{ marker: `${operationId}.2` }]);
  });

  it('waits and sends again when the cloud says too many requests', async () => {
    await faults({ kind: 'throttle', times: 2, match: { operation: 'disks.create' } });
    const { operationId } = await requestDisk();
    const { operation } = await carryOut(operationId);
    expect(operation.status).toBe('succeeded');
    expect(await disksInCloud()).toHaveLength(1);
  });

  it('leaves nothing held when the cloud refuses', async () => {
    const { diskId, operationId } = await requestDisk();
    await fetch(`${simulator.url}/_simulator/projects/${cloudProjectId}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ quota: { volumes: 0 } }),
    });
    const { operation } = await carryOut(operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'cloud-quota-exceeded', owner: 'platform' } });
    expect(await diskNow(diskId)).toMatchObject({ life: 'requested', fault: { code: 'cloud-quota-exceeded' } });
    expect(await figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });

  it('keeps charging what a failed job left behind in error', async () => {
    await faults({ kind: 'job-failed', times: 1 });
    const { diskId, operationId } = await requestDisk();
    const { operation } = await carryOut(operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud' } });
    expect(await diskNow(diskId)).toMatchObject({ life: 'in-cloud', condition: 'error' });
    expect(await figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('goes on when the worker dies between intent and write, and when another has gone on meanwhile', async () => {
    const { operationId } = await requestDisk();
    const dying = ports({
      passed: (point) => (point === 'intent-recorded' ? Promise.reject(new Error('killed')) : Promise.resolve()),
    });
    await expect(carryOut(operationId, dying)).rejects.toThrow('killed');
    const both = await Promise.all([carryOut(operationId), carryOut(operationId)]);
    expect(both.map(({ operation }) => operation.status)).toEqual(['succeeded', 'succeeded']);
    expect(await disksInCloud()).toHaveLength(1);
  });

  it('is cancelled at a safe point when that was asked for while the outcome was open', async () => {
    await faults({ kind: 'drop-request', times: 1, match: { operation: 'disks.create' } });
    const { diskId, operationId } = await requestDisk();
    await runStep(ports(), operationId, { looks: 0, lastSeen: null, resources: [diskStream(diskId)] });
    const stream = `operation-${operationId}` as const;
    const [loaded] = (await store.load({ sight: everything, streams: [stream] })).streams;
    const wish = operationEvent('OperationCancelRequested', {});
    await append({ streams: [{ stream, projectId, expectedVersion: loaded?.version ?? 0, events: [wish] }] });
    const { operation } = await carryOut(operationId);
    expect(operation.status).toBe('cancelled');
    expect(await disksInCloud()).toHaveLength(0);
    expect(await diskNow(diskId)).toMatchObject({ life: 'requested', fault: { code: 'cancelled' }, open: null });
    expect(await figures()).toEqual({ held: 0, used: 0, releasing: 0 });
  });
});

describe('carrying out work on a disk that is there', () => {
  it('extends it, and is done at once when it has that size already', async () => {
    const { diskId, cloudId } = await provisioned();
    await faults({ kind: 'drop-answer', times: 1, match: { operation: 'disks.extend' } });
    const command = { type: 'RequestExtension', sizeGiB: 30 };
    const { operation } = await carryOut(
      await request('disk.extend', diskId, { diskId, cloudId, sizeGiB: 30 }, command),
    );
    expect(operation.status).toBe('succeeded');
    expect(await disksInCloud()).toMatchObject([{ sizeGiB: 30 }]);
    expect(await figures()).toEqual({ held: 0, used: 30, releasing: 0 });
  });

  it('holds what an extension left undecided until the size is observed', async () => {
    const { diskId, cloudId } = await provisioned();
    await faults({ kind: 'job-failed', times: 1 });
    const command = { type: 'RequestExtension', sizeGiB: 30 };
    await carryOut(await request('disk.extend', diskId, { diskId, cloudId, sizeGiB: 30 }, command));
    expect(await figures()).toEqual({ held: 10, used: 20, releasing: 0 });
    await carryOut(await request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' }));
    const [disk] = await disksInCloud();
    expect(await figures()).toEqual({ held: 0, used: disk?.sizeGiB, releasing: 0 });
  });

  it('changes name, tags and metadata', async () => {
    const { diskId, cloudId } = await provisioned();
    const change = { name: 'renamed', tags: { team: 'ledger' }, metadata: { note: 'x' } };
    const command = { type: 'RequestChange', change };
    const { operation } = await carryOut(await request('disk.update', diskId, { diskId, cloudId, change }, command));
    expect(operation.status).toBe('succeeded');
    expect(await disksInCloud()).toMatchObject([change]);
    expect(await diskNow(diskId)).toMatchObject(change);
  });

  it.each<FaultSpec | undefined>([undefined, { kind: 'drop-answer', times: 1, match: { operation: 'disks.delete' } }])(
    'deletes it until its absence was observed (%o)',
    async (fault) => {
      const { diskId, cloudId } = await provisioned();
      if (fault) await faults(fault);
      const command = { type: 'RequestDeletion' };
      const { operation } = await carryOut(await request('disk.delete', diskId, { diskId, cloudId }, command));
      expect(operation.status).toBe('succeeded');
      expect(await disksInCloud()).toHaveLength(0);
      expect((await diskNow(diskId)).life).toBe('deleted');
      expect(await figures()).toEqual({ held: 0, used: 0, releasing: 0 });
    },
  );
});

describe('looking at a disk', () => {
  const begun = async (...then: ReturnType<typeof operationEvent>[]) => {
    const { diskId, cloudId } = await provisioned();
    const operationId = await request('disk.refresh', diskId, { diskId, cloudId }, { type: 'RequestRefresh' });
    const events = [operationEvent('OperationStarted', {}), ...then];
    await append({ streams: [{ stream: `operation-${operationId}`, projectId, expectedVersion: 1, events }] });
    return { diskId, operationId };
  };

  it('ends by its deadline when the cloud stays silent: nothing was sent, so nothing is unknown', async () => {
    const { operationId } = await begun();
    const { operation } = await carryOut(operationId, ports({ nowMs: () => Date.now() + 3_600_000 }));
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'deadline-passed' } });
  });

  it('is cancelled at its next step, whether the cloud answers or not', async () => {
    const { diskId, operationId } = await begun(operationEvent('OperationCancelRequested', {}));
    const { operation } = await carryOut(operationId, ports({ cloudOf: () => Promise.resolve(undefined) }));
    expect(operation.status).toBe('cancelled');
    expect(await diskNow(diskId)).toMatchObject({ open: null });
  });
});

describe('a deletion that the cloud could not finish', () => {
  it('leaves the disk in error, charged as in use', async () => {
    const { diskId, cloudId } = await provisioned();
    await faults({ kind: 'job-failed', times: 1 });
    const { operation } = await carryOut(
      await request('disk.delete', diskId, { diskId, cloudId }, { type: 'RequestDeletion' }),
    );
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed-in-cloud' } });
    expect(statusOf(await diskNow(diskId))).toBe('error');
    expect(await figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });
});

describe('looking after a binding', () => {
  const tend = async (kind: string) => {
    const operationId = OperationId.parse(newId());
    const ownNode = ProjectId.parse(bindingId);
    const requested = operationEvent('OperationRequested', {
      operationId,
      kind,
      projectId: ownNode,
      bindingId,
      target: { type: 'binding', id: bindingId },
      input: {},
      partOf: null,
      parts: [],
      retryOf: null,
    });
    const stream = `operation-${operationId}` as const;
    await append({ streams: [{ stream, projectId: ownNode, expectedVersion: 0, events: [requested] }] });
    return carryOut(operationId);
  };

  it('checks that the cloud can be reached', async () => {
    expect((await tend('binding.check')).operation.status).toBe('succeeded');
  });

  it('tells what a sweep came to', async () => {
    const marker = `${newId()}.1`;
    await cloud.createDisk({ ...spec, marker }, { timeoutMs: 1_000, mayStillSend: () => true });
    const { operation, events } = await tend('binding.sweep');
    expect(operation.status).toBe('succeeded');
    expect(events.at(-1)?.data).toMatchObject({ result: { inCloud: 1, known: 0, surplusRemoved: 0 } });
  });
});

describe('the sweep', () => {
  const seen = { ...spec, busy: false, doubtful: false, cloudStatus: 'available' };
  const change = (cloudId: string, body: object) =>
    fetch(`${simulator.url}/_simulator/disks/${cloudId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const extended = async (diskId: DiskId, cloudId: string, sizeGiB: number) => {
    const command = { type: 'RequestExtension', sizeGiB };
    return carryOut(await request('disk.extend', diskId, { diskId, cloudId, sizeGiB }, command));
  };
  const sweep = async (known: { diskId: DiskId; cloudId: string; doubtful?: boolean }[], of: DiskCloud = cloud) =>
    sweepDisks(
      {
        store,
        cloud: of,
        disksOf: async function* () {
          await Promise.resolve();
          yield known.map((ids) => ({ ...seen, ...ids, projectId }));
        },
        budget: () => Promise.resolve(),
        requestTimeoutMs: 1_000,
      },
      bindingId,
    );

  it('finds what changed and what is gone, and leaves alone what is not ours', async () => {
    const [kept, gone] = [await provisioned(), await provisioned()];
    await change(kept.cloudId, { size: 50 });
    await change(gone.cloudId, { delete: true });
    const foreign = await cloud.createDisk(
      { ...spec, marker: `${newId()}.1` },
      { timeoutMs: 1_000, mayStillSend: () => true },
    );
    expect(foreign.outcome).toBe('accepted');
    expect(await sweep([kept, gone])).toMatchObject({ changed: 1, missing: 1, surplusRemoved: 0 });
    expect(await diskNow(kept.diskId)).toMatchObject({ sizeGiB: 50 });
    expect(statusOf(await diskNow(gone.diskId))).toBe('error');
    expect(await disksInCloud()).toHaveLength(2);
    expect(await sweep([kept, gone])).toMatchObject({ changed: 0, missing: 0 });
  });

  it('records nothing that was seen before work on the disk that has ended since', async () => {
    const { diskId, cloudId } = await provisioned();
    const slow = Object.assign(new EvsDiskCloud(access()), {
      findDisk: async (id: string) => {
        const found = await cloud.findDisk(id);
        await extended(diskId, cloudId, 30);
        return found;
      },
    });
    await sweep([{ diskId, cloudId, doubtful: true }], slow);
    await slow.close();
    expect(await diskNow(diskId)).toMatchObject({ sizeGiB: 30 });
    expect(await figures()).toEqual({ held: 0, used: 30, releasing: 0 });
  });

  it('settles an undecided extension though the cloud shows the disk as it was before', async () => {
    const { diskId, cloudId } = await provisioned();
    await faults({ kind: 'job-failed', times: 1 });
    await extended(diskId, cloudId, 30);
    await change(cloudId, { status: 'available', size: 20 });
    expect(await sweep([{ diskId, cloudId, doubtful: true }])).toMatchObject({ changed: 1 });
    expect(statusOf(await diskNow(diskId))).toBe('available');
    expect(await figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('removes a second resource of ours that nothing adopted', async () => {
    const { diskId, operationId } = await requestDisk();
    await carryOut(operationId);
    const late = { ...spec, marker: `${operationId}.7` };
    await cloud.createDisk(late, { timeoutMs: 1_000, mayStillSend: () => true });
    const disk = await diskNow(diskId);
    if (disk.life !== 'in-cloud') throw new Error('not in the cloud');
    expect(await sweep([{ diskId, cloudId: disk.cloudId }])).toMatchObject({ surplusRemoved: 1 });
    expect(await disksInCloud()).toMatchObject([{ marker: `${operationId}.1` }]);
  });
});
