import { Injectable } from '@nestjs/common';
import { EventStore, type Loaded, type Sight, type TailSeat } from '@strata/event-store';
import type { StreamId } from '@strata/kernel';
import { OperationWaits } from './operation.ports.js';
import { hasEnded, recordOf, type OperationRecord } from './operation.record.js';
import { showOperation, type Circumstances, type OperationResource } from './operation.resource.js';
import { UsualDurations } from './operation-list/usual-durations.js';
import { isOpen, isTerminalEvent } from './operation/index.js';
import { endsParticipation, participantRecordOf, participationStream } from './participation.record.js';
import { operationStream } from './request-operation/request-operation.js';

export interface FoundOperation {
  readonly record: OperationRecord;
  /** What tells of it: its own stream, or what the reader's project is told of an operation of another one. */
  readonly stream: StreamId;
  /** Up to where the log was read. */
  readonly position: number;
}

/** Streams that are read whole in one go: a page of cascade deletions has many parts. */
const atOnce = 100;

/** Operations as they are now, folded from their streams, with what scheduling knows about them. */
@Injectable()
export class OperationReader {
  constructor(
    private readonly store: EventStore,
    private readonly waits: OperationWaits,
    private readonly durations: UsualDurations,
  ) {}

  /** Undefined when there is none, or none that `sight` allows. */
  async find(sight: Sight, operationId: string, upTo?: number): Promise<FoundOperation | undefined> {
    const streams = [operationStream(operationId), participationStream(operationId)];
    const loaded = await this.store.load({ sight, streams, upTo });
    return foundIn(loaded, upTo);
  }

  /** As it is when it has ended, when the time is over, or when nobody waits any more. */
  async awaitEnd(
    sight: Sight,
    operationId: string,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<FoundOperation | undefined> {
    const deadline = performance.now() + waitMs;
    const found = await this.find(sight, operationId);
    if (!found || hasEnded(found.record)) return found;
    const seat = this.store.tail({ sight, stream: found.stream });
    try {
      await this.#untilEnd(seat, sight, found, deadline, signal);
    } finally {
      seat.leave();
    }
    return this.find(sight, operationId);
  }

  /** One operation as of now, with all that can be told of its progress. */
  async show(record: OperationRecord, sight: Sight): Promise<OperationResource> {
    const { state, projectId, kind } = record;
    if (!isOpen(state)) {
      const parts = state.plan && (await this.#recordsOf(state.parts, sight));
      return showOperation(record, { now: new Date(), parts });
    }
    const [waits, usualMs, parts] = await Promise.all([
      this.waits.waiting([record.id]),
      state.status === 'running' ? this.durations.of(projectId, kind) : undefined,
      this.#recordsOf(state.parts, sight),
    ]);
    const circumstances: Circumstances = { now: new Date(), ...waits.get(record.id), usualMs, parts };
    return showOperation(record, circumstances);
  }

  /** Many as of now, with the steps that their parts have come to up to a position. */
  async showAll(
    records: readonly OperationRecord[],
    sight: Sight,
    upTo?: number,
  ): Promise<readonly OperationResource[]> {
    const now = new Date();
    const open = records.filter(({ state }) => isOpen(state)).map(({ id }) => id);
    const [waits, parts] = await Promise.all([
      open.length > 0 ? this.waits.waiting(open) : undefined,
      this.#planned(records, sight, upTo),
    ]);
    return records.map((record) =>
      showOperation(record, { now, ...waits?.get(record.id), parts: parts.get(record.id) }),
    );
  }

  /** As they were: only what the log tells up to a position. */
  async showThen(
    records: readonly OperationRecord[],
    sight: Sight,
    upTo: number,
  ): Promise<readonly OperationResource[]> {
    const parts = await this.#planned(records, sight, upTo);
    return records.map((record) => showOperation(record, { now: new Date(), parts: parts.get(record.id) }));
  }

  /** Those of them that are there, in the order of the ids. */
  async showNow(operationIds: readonly string[], sight: Sight): Promise<readonly OperationResource[]> {
    if (operationIds.length === 0) return [];
    const { streams } = await this.store.load({ sight, streams: operationIds.map(operationStream) });
    return this.showAll(
      streams.flatMap(({ events }) => recordOf(events) ?? []),
      sight,
    );
  }

  /** Or until the deadline, or abort. The log is read again only when the tail begins after what is known. */
  async #untilEnd(
    seat: TailSeat,
    sight: Sight,
    { record, position }: FoundOperation,
    deadline: number,
    signal: AbortSignal,
  ): Promise<void> {
    let known = position;
    for (;;) {
      const told = await seat.take(deadline - performance.now(), signal);
      if (told.kind === 'closed' || told.kind === 'nothing') return;
      if (told.kind === 'events' && told.events.some(({ type }) => isTerminalEvent(type) || endsParticipation(type)))
        return;
      if (told.kind === 'from' && told.position > known) {
        const now = await this.find(sight, record.id);
        if (!now || hasEnded(now.record)) return;
        known = now.position;
      }
    }
  }

  /** The parts of those that follow a plan, which tell how far that is. */
  async #planned(
    records: readonly OperationRecord[],
    sight: Sight,
    upTo?: number,
  ): Promise<ReadonlyMap<string, readonly OperationRecord[]>> {
    const planned = records.filter(({ state }) => state.plan !== undefined);
    const ids = planned.flatMap(({ state }) => state.parts);
    const parts = await this.#recordsOf(ids, sight, upTo);
    return Map.groupBy(parts, ({ state }) => state.partOf ?? '');
  }

  async #recordsOf(ids: readonly string[], sight: Sight, upTo?: number): Promise<readonly OperationRecord[]> {
    const records: OperationRecord[] = [];
    for (let from = 0; from < ids.length; from += atOnce) {
      const streams = ids.slice(from, from + atOnce).map(operationStream);
      const loaded = await this.store.load({ sight, streams, upTo });
      records.push(...loaded.streams.flatMap(({ events }) => recordOf(events) ?? []));
    }
    return records;
  }
}

/** Row-level security decides which of the two streams there are; who sees both sees who takes part. */
const foundIn = ({ streams: [own, others], head }: Loaded, upTo?: number): FoundOperation | undefined => {
  const position = upTo ?? head;
  const record = recordOf(own?.events ?? []);
  const told = participantRecordOf(others);
  if (!own || !record) return told && others && { record: told, stream: others.stream, position };
  const participants = told?.participants && [...(record.participants ?? [record.projectId]), ...told.participants];
  return { record: participants ? { ...record, participants } : record, stream: own.stream, position };
};
