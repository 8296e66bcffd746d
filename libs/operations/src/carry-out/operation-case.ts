import {
  everything,
  type EventStore,
  type LoadedStream,
  type Meta,
  type RecordedEvent,
  type StreamAppend,
} from '@strata/event-store';
import { v7 as newId } from 'uuid';
import type { Charge, StreamId } from '@strata/kernel';
import type { Conclusion, Ending, KindRules, KnownOperation } from '../kind.js';
import { notRetried } from '../operation/operation.errors.js';
import { historyOf, type OperationHistory } from '../operation/operation.history.js';
import { isTerminalEvent, type OperationEvent } from '../operation/operation.events.js';
import { operation, type OperationCommand } from '../operation/operation.js';

/** The actor of what workers record; `people` knows no one behind it. */
export const WORKER_ACTOR = '00000000-0000-7000-8000-000000000001';

const decisionsPerReport = 20;

export type Reported =
  | { readonly status: 'recorded' }
  /** The log knew it already, or somebody else has gone on: nothing was written. */
  | { readonly status: 'no-news' };

/** What a kind may add to a report: facts about its resources that are news, in the same append. */
export type Aside = (resources: readonly LoadedStream[]) => readonly StreamAppend[];

/**
 * One operation under work: its stream and those of its resources, as last seen. Reports are decided on what is known and
 * decided again when the log has moved; after each report the case knows what the log knows.
 */
export class OperationCase {
  private constructor(
    private readonly store: EventStore,
    private readonly rulesOf: (kind: string) => KindRules,
    private readonly operationId: string,
    private own: LoadedStream,
    private resources: readonly LoadedStream[],
  ) {}

  /** `resources`: the streams that it works on, as the schedule knows them. Undefined when the log knows no such operation. */
  static async open(
    store: EventStore,
    rulesOf: (kind: string) => KindRules,
    operationId: string,
    resources: readonly StreamId[],
  ): Promise<OperationCase | undefined> {
    const streams = [`operation-${operationId}` as const, ...resources];
    const [own, ...others] = (await store.load({ sight: everything, streams })).streams;
    if (own === undefined || own.version === 0) return undefined;
    return new OperationCase(store, rulesOf, operationId, own, others);
  }

  get history(): OperationHistory {
    return historyOf(this.own);
  }

  get known(): KnownOperation {
    const { operation: known } = this.history;
    if (known.status === 'absent') throw new Error(`operation ${this.operationId} has events but no beginning`);
    return known;
  }

  get rules(): KindRules {
    return this.rulesOf(this.known.kind);
  }

  get resourceStreams(): readonly LoadedStream[] {
    return this.resources;
  }

  /** A command of the operation; when it ends, what that means for the resources is written in the same commit. */
  async report(command: OperationCommand, aside?: Aside): Promise<Reported> {
    return this.decideAndAppend(() => {
      const decision = operation.decide(command, this.history.operation);
      if (!decision.accepted) return [];
      const ending = decision.events.some(({ type }) => isTerminalEvent(type));
      const others = aside && !ending ? aside(this.resources) : [];
      return [this.ownAppend(decision.events), ...others];
    });
  }

  /** Ends the operation: the aggregate's event and the resources' facts in one commit. */
  async end(ended: Ending): Promise<Reported> {
    const instead = this.rules.instead?.(this.known.input);
    const ending =
      ended.end === 'failed' && instead !== undefined ? { ...ended, error: notRetried(ended.error, instead) } : ended;
    return this.decideAndAppend(() => {
      const { streams, result, charges } = this.rules.conclude(ending, this.known, this.resources);
      const decision = operation.decide(endingCommand(ending, result, this.known), this.history.operation);
      if (!decision.accepted || decision.events.length === 0) return [];
      // Last, so that who follows the operation to its terminal event has seen what came of it.
      return [...streams, this.ownAppend(charges ? bearing(decision.events, charges) : decision.events)];
    });
  }

  private async decideAndAppend(decide: () => readonly StreamAppend[]): Promise<Reported> {
    for (let decision = 1; decision <= decisionsPerReport; decision++) {
      const streams = decide().filter(({ events }) => events.length > 0);
      if (streams.length === 0) return { status: 'no-news' };
      const verdict = await this.store.append({ appendId: newId(), mode: 'fact', streams, meta: this.meta() });
      if (verdict.status === 'committed') {
        this.grow(streams, verdict.position, verdict.recordedAt);
        return { status: 'recorded' };
      }
      if (verdict.status === 'replayed') {
        await this.reload();
        return { status: 'recorded' };
      }
      if (verdict.status !== 'conflict') throw new Error(`a fact was answered with ${verdict.status}`);
      await this.reload();
    }
    throw new Error(`operation ${this.operationId} changed during each of ${decisionsPerReport} decisions`);
  }

  /** What was just committed is known without reading it: the events of one append have consecutive positions. */
  private grow(streams: readonly StreamAppend[], lastPosition: number, recordedAt: string): void {
    const meta = this.meta();
    let position = lastPosition - streams.reduce((sum, { events }) => sum + events.length, 0);
    const grown = new Map<string, LoadedStream>();
    for (const { stream, projectId, expectedVersion, events } of streams) {
      const before = [this.own, ...this.resources].find((loaded) => loaded.stream === stream);
      const added = events.map((event, index): RecordedEvent => {
        position += 1;
        const { type, schemaVersion, charges = [] } = event;
        const data = event.data as RecordedEvent['data'];
        const version = expectedVersion + index + 1;
        return {
          position,
          id: '',
          stream,
          version,
          type,
          schemaVersion,
          projectId,
          data,
          charges,
          meta,
          recordedAt,
          hash: '',
        };
      });
      grown.set(stream, {
        stream,
        version: expectedVersion + events.length,
        events: [...(before?.events ?? []), ...added],
      });
    }
    this.own = grown.get(this.own.stream) ?? this.own;
    this.resources = this.resources.map((loaded) => grown.get(loaded.stream) ?? loaded);
  }

  private ownAppend(events: readonly OperationEvent[]): StreamAppend {
    const { projectId } = this.known;
    return { stream: this.own.stream, projectId, expectedVersion: this.own.version, events };
  }

  private meta(): Meta {
    const { operationId, partOf } = this.known;
    return { actorId: WORKER_ACTOR, operationId, correlationId: partOf ?? operationId };
  }

  private async reload(): Promise<void> {
    const streams = [this.own.stream, ...this.resources.map(({ stream }) => stream)];
    const [own, ...resources] = (await this.store.load({ sight: everything, streams })).streams;
    if (own === undefined) throw new Error(`operation ${this.operationId} is gone from the log`);
    this.own = own;
    this.resources = resources;
  }
}

/** The last event bears them: the one that ends the operation. */
const bearing = (events: readonly OperationEvent[], charges: readonly Charge[]): readonly OperationEvent[] =>
  events.map((event, index) => (index === events.length - 1 ? { ...event, charges } : event));

const endingCommand = (ending: Ending, result: Conclusion['result'], { parts }: KnownOperation): OperationCommand => {
  switch (ending.end) {
    case 'succeeded':
      return { type: 'Succeed', result };
    case 'failed':
      return { type: 'Fail', data: { error: ending.error, result } };
    case 'cancelled':
      return { type: 'ConcludeCancelled', ...(parts.length > 0 && { result }) };
  }
};
