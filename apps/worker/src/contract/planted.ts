import { decideDisk, diskStream, foldDisk, type DiskCommand, type DiskEvent } from '@strata/disks';
import type { StreamAppend } from '@strata/event-store';
import { DiskId, OperationId, SnapshotId, type JsonObject, type StreamId } from '@strata/kernel';
import { operationEvent, type OperationEvent } from '@strata/operations';
import {
  decideSnapshot,
  foldSnapshot,
  snapshotStream,
  type SnapshotCommand,
  type SnapshotEvent,
} from '@strata/snapshots';
import { v7 as newId } from 'uuid';
import { cloudProjectId, spec, type WorkUnderTest } from './work-under-test.js';

const options = { timeoutMs: 30_000, mayStillSend: () => true };
/** Requests, or appends, at a time. */
const atOnce = 32;

export interface PlantedDisk {
  readonly diskId: DiskId;
  readonly cloudId: string;
}
export interface PlantedSnapshot {
  readonly snapshotId: SnapshotId;
  readonly cloudId: string;
  readonly disk: PlantedDisk;
}

const overAll = async <T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
  let next = 0;
  const loop = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await act(item);
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
};

/** As an operation that was sent once and succeeded leaves it. */
const worked = (
  { projectId, bindingId }: WorkUnderTest,
  operationId: OperationId,
  kind: string,
  target: { readonly type: 'disk' | 'snapshot'; readonly id: string },
): StreamAppend => {
  const request = {
    operationId,
    kind,
    projectId,
    bindingId,
    target,
    input: {},
    partOf: null,
    parts: [],
    retryOf: null,
  };
  const marker = `${operationId}.1`;
  const taken = { attempt: 1, jobId: null, cloudId: null, cloudRequestId: null, via: 'answer' } as const;
  const events: OperationEvent[] = [
    operationEvent('OperationRequested', request),
    operationEvent('SendIntended', { attempt: 1, marker, sendWithinMs: 10_000 }),
    operationEvent('SendAccepted', taken),
    operationEvent('OperationSucceeded', { result: {} as JsonObject }),
  ];
  return { stream: `operation-${operationId}`, projectId, expectedVersion: 0, events };
};

class Streams {
  readonly #past = new Map<StreamId, readonly (DiskEvent | SnapshotEvent)[]>();

  ofDisk(diskId: DiskId, ...commands: readonly DiskCommand[]): readonly DiskEvent[] {
    const stream = diskStream(diskId);
    const past = [...((this.#past.get(stream) ?? []) as readonly DiskEvent[])];
    const before = past.length;
    for (const command of commands) {
      const decision = decideDisk(command, foldDisk(past));
      if (!decision.accepted) throw new Error(decision.refusal.type);
      past.push(...decision.events);
    }
    this.#past.set(stream, past);
    return past.slice(before);
  }

  lengthOf(stream: StreamId): number {
    return this.#past.get(stream)?.length ?? 0;
  }
}

/** Disks and snapshots that Strata made, in the log as in the cloud, without the steps in between. */
export class Plantation {
  readonly #streams = new Streams();

  constructor(private readonly work: WorkUnderTest) {}

  async disks(count: number): Promise<readonly PlantedDisk[]> {
    const { cloud, projectId, bindingId } = this.work;
    const born = Array.from({ length: count }, () => ({
      ...{ operationId: OperationId.parse(newId()), diskId: DiskId.parse(newId()) },
    }));
    await overAll(born, async ({ operationId }) => {
      const sent = await cloud.createDisk({ ...spec, marker: `${operationId}.1` }, options);
      if (sent.outcome !== 'accepted') throw new Error(`the simulator answered ${JSON.stringify(sent)}`);
    });
    const cloudIds = new Map((await this.work.disksInCloud()).map(({ marker, cloudId }) => [marker, cloudId] as const));
    const planted = born.map((each) => ({ ...each, cloudId: cloudIds.get(`${each.operationId}.1`) ?? '' }));
    await overAll(planted, async ({ operationId, diskId, cloudId }) => {
      const work = { operationId, shownAs: operationId };
      const events = this.#streams.ofDisk(
        diskId,
        { type: 'RequestDisk', diskId, projectId, bindingId, spec, work },
        { type: 'RecordProvisioned', operationId, cloudId },
      );
      const own = worked(this.work, operationId, 'disk.create', { type: 'disk', id: diskId });
      await this.work.append({ streams: [{ stream: diskStream(diskId), projectId, expectedVersion: 0, events }, own] });
    });
    return planted.map(({ diskId, cloudId }) => ({ diskId, cloudId }));
  }

  /** One of each disk. */
  async snapshots(disks: readonly PlantedDisk[]): Promise<readonly PlantedSnapshot[]> {
    const snapshots = this.work.cloud.snapshots;
    const wanted = { name: 'before', description: '', metadata: {} };
    const born = disks.map((disk) => ({
      ...{ disk, operationId: OperationId.parse(newId()), snapshotId: SnapshotId.parse(newId()) },
    }));
    const planted: PlantedSnapshot[] = [];
    await overAll(born, async ({ disk, operationId, snapshotId }) => {
      const marker = `${operationId}.1`;
      const request = { ...wanted, marker, cloudDiskId: disk.cloudId, force: false };
      const sent = await snapshots.createSnapshot(request, options);
      if (sent.outcome !== 'accepted' || sent.cloudId === null) throw new Error(JSON.stringify(sent));
      const { cloudId } = sent;
      await this.#append(disk, { operationId, snapshotId, cloudId, wanted });
      planted.push({ snapshotId, cloudId, disk });
    });
    return planted;
  }

  async #append(
    { diskId }: PlantedDisk,
    made: {
      readonly operationId: OperationId;
      readonly snapshotId: SnapshotId;
      readonly cloudId: string;
      readonly wanted: Extract<SnapshotCommand, { type: 'RequestSnapshot' }>['spec'];
    },
  ): Promise<void> {
    const { projectId, bindingId } = this.work;
    const { operationId, snapshotId, cloudId, wanted } = made;
    const work = { operationId, shownAs: operationId };
    const { sizeGiB, type, availabilityZone } = spec;
    const commands: readonly SnapshotCommand[] = [
      {
        ...{ type: 'RequestSnapshot', snapshotId, projectId, bindingId, diskId, spec: wanted, work },
        extent: { sizeGiB, type, availabilityZone },
      },
      { type: 'RecordTaken', operationId, cloudId },
    ];
    const events: SnapshotEvent[] = [];
    for (const command of commands) {
      const decision = decideSnapshot(command, foldSnapshot(events));
      if (!decision.accepted) throw new Error(decision.refusal.type);
      events.push(...decision.events);
    }
    const expectedVersion = this.#streams.lengthOf(diskStream(diskId));
    const ofDisk = this.#streams.ofDisk(
      diskId,
      { type: 'RequestSnapshot', snapshotId, work },
      { type: 'RecordSnapshotKept', operationId, snapshotId },
    );
    await this.work.append({
      streams: [
        { stream: snapshotStream(snapshotId), projectId, expectedVersion: 0, events },
        { stream: diskStream(diskId), projectId, expectedVersion, events: ofDisk },
        worked(this.work, operationId, 'snapshot.create', { type: 'snapshot', id: snapshotId }),
      ],
    });
  }
}

/** The most that one call makes, and that one append takes here. */
const perBatch = 100;

/**
 * So many disks that nothing but their number matters: made by the hundred, each hundred under one marker. A multiple of
 * a hundred.
 */
export const plantMany = async (work: WorkUnderTest, count: number): Promise<void> => {
  const { projectId, bindingId } = work;
  await work.change('PUT', `projects/${cloudProjectId}`, { quota: { volumes: -1, gigabytes: -1 } });
  const token = await tokenOf(work);
  for (let made = 0; made < count; made += perBatch) await makeBatch(work, token, OperationId.parse(newId()));
  for await (const page of work.cloud.listDisks()) {
    for (let start = 0; start < page.length; start += perBatch) {
      const streams = page.slice(start, start + perBatch).map((disk): StreamAppend => {
        const operationId = OperationId.parse(disk.marker?.split('.')[0]);
        const diskId = DiskId.parse(newId());
        const commands: readonly DiskCommand[] = [
          {
            ...{ type: 'RequestDisk', diskId, projectId, bindingId, spec: { ...spec, name: disk.name } },
            work: { operationId, shownAs: operationId },
          },
          { type: 'RecordProvisioned', operationId, cloudId: disk.cloudId },
        ];
        const events = new Streams().ofDisk(diskId, ...commands);
        return { stream: diskStream(diskId), projectId, expectedVersion: 0, events };
      });
      await work.append({ streams });
    }
  }
};

const tokenOf = async (work: WorkUnderTest): Promise<string> => {
  const { credentials } = work.access();
  const { domain, user: name, password } = credentials;
  const user = { name, password, domain: { name: domain } };
  const auth = { identity: { methods: ['password'], password: { user } }, scope: { project: { id: cloudProjectId } } };
  const answer = await fetch(`${work.simulator.url}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  return answer.headers.get('x-subject-token') ?? '';
};

const makeBatch = async (work: WorkUnderTest, token: string, operationId: OperationId): Promise<void> => {
  const { name, sizeGiB: size, type: volume_type, availabilityZone: availability_zone } = spec;
  const marked = { metadata: { 'strata.marker': `${operationId}.1` }, tags: { 'strata-marker': `${operationId}_1` } };
  const answer = await fetch(`${work.simulator.url}/v2/${cloudProjectId}/cloudvolumes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token },
    body: JSON.stringify({ volume: { name, size, volume_type, availability_zone, count: perBatch, ...marked } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
};
