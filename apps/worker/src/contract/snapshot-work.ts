import { decideDisk, diskOf, diskStream, type DiskCommand } from '@strata/disks';
import { everything, type LoadedStream, type StreamAppend } from '@strata/event-store';
import { OperationId, SnapshotId, type DiskId, type JsonObject, type StreamId } from '@strata/kernel';
import { operationEvent } from '@strata/operations';
import { decideSnapshot, snapshotOf, snapshotStream, type Snapshot, type SnapshotCommand } from '@strata/snapshots';
import { v7 as newId } from 'uuid';
import { spec, type WorkUnderTest } from './work-under-test.js';

/** What is done to the snapshots of one disk, as the api writes it; then carried out. */
export class SnapshotWork {
  constructor(
    private readonly work: WorkUnderTest,
    private readonly disk: { readonly diskId: DiskId; readonly cloudId: string },
  ) {}

  async load(stream: StreamId): Promise<LoadedStream> {
    const [loaded] = (await this.work.store.load({ sight: everything, streams: [stream] })).streams;
    if (loaded === undefined) throw new Error('no stream');
    return loaded;
  }

  async snapshotNow(snapshotId: SnapshotId): Promise<Snapshot> {
    return snapshotOf(await this.load(snapshotStream(snapshotId)));
  }

  async carriedOut(...asked: Parameters<SnapshotWork['request']>) {
    return this.work.carryOut(await this.request(...asked));
  }

  /** A request concerning a snapshot, and its disk where that takes part. */
  async request(
    kind: string,
    snapshotId: SnapshotId,
    more: JsonObject,
    ofSnapshot: object,
    ofDisk?: object,
  ): Promise<OperationId> {
    const { projectId, bindingId } = this.work;
    const { diskId } = this.disk;
    const operationId = OperationId.parse(newId());
    const meant = { work: { operationId, shownAs: operationId } };
    const [snapshot, known] = [await this.load(snapshotStream(snapshotId)), await this.load(diskStream(diskId))];
    const decisions = [
      { ...snapshot, decision: decideSnapshot({ ...ofSnapshot, ...meant } as SnapshotCommand, snapshotOf(snapshot)) },
      ...(ofDisk ? [{ ...known, decision: decideDisk({ ...ofDisk, ...meant } as DiskCommand, diskOf(known)) }] : []),
    ];
    const streams = decisions.map(({ stream, version: expectedVersion, decision }): StreamAppend => {
      if (!decision.accepted) throw new Error(decision.refusal.type);
      return { stream, projectId, expectedVersion, events: decision.events };
    });
    const requested = operationEvent('OperationRequested', {
      ...{ operationId, kind, projectId, bindingId, partOf: null, parts: [], retryOf: null },
      target: { type: 'snapshot', id: snapshotId },
      input: { snapshotId, diskId, ...more },
    });
    const own = { stream: `operation-${operationId}` as const, projectId, expectedVersion: 0, events: [requested] };
    await this.work.append({ streams: [own, ...streams] });
    return operationId;
  }

  async take(name = 'before') {
    const { snapshotId, operationId } = await this.requestSnapshot(name);
    return { snapshotId, ...(await this.work.carryOut(operationId)) };
  }

  async requestSnapshot(name = 'before') {
    const snapshotId = SnapshotId.parse(newId());
    const { projectId, bindingId } = this.work;
    const { diskId, cloudId: cloudDiskId } = this.disk;
    const { sizeGiB, type, availabilityZone } = spec;
    const wanted = { name, description: '', metadata: { k: 'v' } };
    const operationId = await this.request(
      'snapshot.create',
      snapshotId,
      { ...wanted, cloudDiskId, force: false },
      {
        ...{ type: 'RequestSnapshot', snapshotId, projectId, bindingId, diskId, spec: wanted },
        extent: { sizeGiB, type, availabilityZone },
      },
      { type: 'RequestSnapshot', snapshotId },
    );
    return { snapshotId, operationId };
  }

  /** One that is in the cloud. */
  async taken(name?: string): Promise<{ readonly snapshotId: SnapshotId; readonly cloudId: string }> {
    const { snapshotId } = await this.take(name);
    const snapshot = await this.snapshotNow(snapshotId);
    if (snapshot.life !== 'in-cloud') throw new Error(`the snapshot is ${snapshot.life}`);
    return { snapshotId, cloudId: snapshot.cloudId };
  }
}
