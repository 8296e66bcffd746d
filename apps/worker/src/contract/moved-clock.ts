import type { DiskCloud } from '@strata/cloud';
import { EventStore, type LoadedStream, type LoadRequest } from '@strata/event-store';
import {
  historyOf,
  runStep,
  type After,
  type Memory,
  Pace,
  type OperationHistory,
  type StepPoint,
  type StepPorts,
} from '@strata/operations';
import type { WorkUnderTest } from './work-under-test.js';

/** As the defaults are (docs/operations.md, "Lost answers"). */
export const fullPatience = { sendWithinMs: 10_000, requestTimeoutMs: 15_000, visibilityMs: 120_000 };
const leaseMs = 30_000;

class Killed extends Error {}

export interface Mishaps {
  /** The worker dies when a step passes there for the first time. */
  readonly diesAt?: StepPoint | undefined;
  /** The worker is frozen for so long between its intent and the write. */
  readonly frozenMs?: number;
}

/** A clock of Strata and of its cloud which goes on by itself, and by as much as it is told: nobody waits for minutes. */
export class MovedClock {
  /** How far ahead the clock was of what was recorded after a position. */
  private readonly moves: { readonly after: number; readonly aheadMs: number }[] = [{ after: 0, aheadMs: 0 }];

  private readonly pace = new Pace(250, 5_000);

  constructor(private readonly work: WorkUnderTest) {}

  get aheadMs(): number {
    return this.moves.at(-1)?.aheadMs ?? 0;
  }

  async pass(ms: number): Promise<void> {
    const advanceMs = Math.ceil(ms);
    const { position } = await this.work.store.head();
    this.moves.push({ after: position, aheadMs: this.aheadMs + advanceMs });
    await this.work.simulate('clock', { advanceMs });
  }

  /** A time of the log, which knows nothing of the moves. */
  timeOf(position: number, recordedAt: string): string {
    const { aheadMs = 0 } = this.moves.findLast(({ after }) => after < position) ?? {};
    return new Date(Date.parse(recordedAt) + aheadMs).toISOString();
  }

  /** Steps until the operation has ended, each when it is due by this clock; whoever dies comes back when the lease is over. */
  async carryOut(operationId: string, { diesAt, frozenMs = 0 }: Mishaps = {}): Promise<OperationHistory> {
    const { work } = this;
    let lives = diesAt === undefined ? 0 : 1;
    const ports = this.ports({
      passed: async (point) => {
        if (point === 'intent-recorded' && frozenMs > 0) await this.pass(frozenMs);
        if (point === diesAt && lives-- > 0) throw new Killed(point);
      },
    });
    const resources = await work.resourcesOf(operationId);
    let after: After = { lane: 'send', dueInMs: 0, looks: 0, lastSeen: null, waitingFor: null };
    for (let steps = 0; steps < 200 && after !== null && after !== 'gone'; steps += 1) {
      const memory: Memory = { ...after, resources, heldBy: null };
      const next: After | Killed = await runStep(ports, operationId, memory).catch((error: unknown) => {
        if (error instanceof Killed) return error;
        throw error;
      });
      if (!(next instanceof Killed)) after = next;
      await this.pass(next instanceof Killed ? leaseMs : next === null || next === 'gone' ? 0 : next.dueInMs);
    }
    const [stream] = (await ports.store.load({ sight: { all: true }, streams: [`operation-${operationId}`] })).streams;
    if (stream === undefined) throw new Error('no stream');
    return historyOf(stream);
  }

  private ports(change: Partial<StepPorts<DiskCloud>>): StepPorts<DiskCloud> {
    return this.work.ports({
      store: new MovedLog(this.work.store, this),
      patienceOf: () => fullPatience,
      pace: this.pace,
      nowMs: () => Date.now() + this.aheadMs,
      monotonicMs: () => performance.now() + this.aheadMs,
      ...change,
    });
  }
}

/** The log, with times as the moved clock would have given them. */
class MovedLog extends EventStore {
  constructor(
    private readonly log: EventStore,
    private readonly clock: MovedClock,
  ) {
    super();
  }

  override async load(request: LoadRequest): ReturnType<EventStore['load']> {
    const loaded = await this.log.load(request);
    return { ...loaded, streams: loaded.streams.map((stream) => this.moved(stream)) };
  }

  override async append(append: Parameters<EventStore['append']>[0]): ReturnType<EventStore['append']> {
    const verdict = await this.log.append(append);
    return verdict.status === 'committed'
      ? { ...verdict, recordedAt: this.clock.timeOf(verdict.position, verdict.recordedAt) }
      : verdict;
  }

  override read(request: Parameters<EventStore['read']>[0]) {
    return this.log.read(request);
  }

  override head() {
    return this.log.head();
  }

  override positionAt(time: Date) {
    return this.log.positionAt(time);
  }

  override grownPast(...asked: Parameters<EventStore['grownPast']>) {
    return this.log.grownPast(...asked);
  }

  override tail(scope: Parameters<EventStore['tail']>[0]) {
    return this.log.tail(scope);
  }

  private moved({ events, ...stream }: LoadedStream): LoadedStream {
    const timed = events.map((event) => ({
      ...event,
      recordedAt: this.clock.timeOf(event.position, event.recordedAt),
    }));
    return { ...stream, events: timed };
  }
}
