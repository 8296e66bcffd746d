import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { EventStore, type Loaded, type Sight } from '@strata/event-store';
import { OperationWaits } from './operation.ports.js';
import { hasEnded, recordOf, type OperationRecord } from './operation.record.js';
import { showOperation, type Circumstances, type OperationResource } from './operation.resource.js';
import { UsualDurations } from './operation-list/usual-durations.js';
import { isOpen } from './operation/index.js';
import { operationStream } from './request-operation/request-operation.js';

export interface FoundOperation {
  readonly record: OperationRecord;
  /** Up to where the log was read. */
  readonly position: number;
}

/** A busy log grows all the time: between two looks at least so long. */
const betweenLooksMs = 20;

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
    const loaded = await this.store.load({ sight, streams: [operationStream(operationId)], upTo });
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
    for (;;) {
      const loaded = await this.store.load({ sight, streams: [operationStream(operationId)] });
      const found = foundIn(loaded);
      const leftMs = deadline - performance.now();
      if (!found || hasEnded(found.record) || leftMs <= 0 || signal.aborted) return found;
      await this.store.grownPast(loaded.head, leftMs, signal);
      await pause(Math.min(betweenLooksMs, Math.max(0, deadline - performance.now())));
    }
  }

  /** One operation as of now, with all that can be told of its progress. */
  async show(record: OperationRecord, sight: Sight): Promise<OperationResource> {
    const { state, projectId, kind } = record;
    if (!isOpen(state)) return showOperation(record, { now: new Date() });
    const [waits, usualMs, partsEnded] = await Promise.all([
      this.waits.waiting([record.id]),
      state.status === 'running' ? this.durations.of(projectId, kind) : undefined,
      this.#partsEnded(record, sight),
    ]);
    const circumstances: Circumstances = {
      now: new Date(),
      waitingFor: waits.get(record.id)?.waitingFor,
      usualMs,
      partsEnded,
    };
    return showOperation(record, circumstances);
  }

  /** Many as of now. */
  async showAll(records: readonly OperationRecord[]): Promise<readonly OperationResource[]> {
    const now = new Date();
    const open = records.filter(({ state }) => isOpen(state)).map(({ id }) => id);
    const waits = open.length > 0 ? await this.waits.waiting(open) : undefined;
    return records.map((record) => showOperation(record, { now, waitingFor: waits?.get(record.id)?.waitingFor }));
  }

  async #partsEnded({ state }: OperationRecord, sight: Sight): Promise<number | undefined> {
    if (state.parts.length === 0) return undefined;
    const { streams } = await this.store.load({ sight, streams: state.parts.map(operationStream) });
    const ended = streams.map(({ events }) => recordOf(events)).filter((part) => part && hasEnded(part));
    return ended.length / state.parts.length;
  }
}

const foundIn = ({ streams: [stream], head }: Loaded, upTo?: number): FoundOperation | undefined => {
  const record = recordOf(stream?.events ?? []);
  return record && { record, position: upTo ?? head };
};
