import type { Pool } from 'pg';
import type { RecordedEvent } from '../append.js';
import type { EventStore } from '../event-store.js';
import { UnknownEventType, type EventTypes } from '../event-types.js';
import type { Follower, Projection } from '../follower.js';
import { readCheckpoint, viewFollower } from './follower-checkpoint.js';
import { LogTail } from './follower-log.js';
import { FollowerLoop, type Following, type FollowerObserver, type LoopSettings } from './follower-loop.js';
import { registerFollower, type FollowerFault } from './follower-state.js';
import { sqlOn, survivingLostConnections } from './follower-transaction.js';
import { projectionHandler } from './projection-follower.js';
import { generationOf, registerView } from './projection-generation.js';

export interface FollowerRunnerOptions {
  /** Connections of `strata_worker`; a follower at work uses one at a time. */
  readonly pool: Pool;
  readonly store: Pick<EventStore, 'grownPast' | 'head'>;
  readonly types: EventTypes;
  readonly projections?: readonly Projection[];
  readonly followers?: readonly Follower[];
  readonly observer?: FollowerObserver;
  readonly batchSize?: number;
  readonly retry?: LoopSettings['retry'];
}

export interface FollowerStatus {
  readonly name: string;
  /** `stopped` stands before an event that it cannot handle and tries again from time to time. */
  readonly status: 'running' | 'stopped';
  readonly position: number;
  /** Events that it has not handled yet. */
  readonly behind: number;
  readonly generation?: number;
  readonly fault?: FollowerFault;
}

/** People do not notice it, and readers who must not miss their own write wait for its position. */
const viewGatherMs = 20;

const followingOfView = (pool: Pool, types: EventTypes, projection: Projection): Following => {
  const project = projectionHandler(projection, types);
  const ignores = new Set(projection.ignores);
  return {
    name: projection.name,
    knows: [...projection.handles, ...projection.ignores],
    gatherMs: viewGatherMs,
    generation: () => generationOf(sqlOn(pool), projection.name),
    checkpoint: (generation = 1) => viewFollower(projection.name, generation),
    concerns: (events) => events.some(({ type }) => !ignores.has(type)),
    handle: (events, tx, generation = 1) => project(events, tx, generation),
    committed: () => undefined,
  };
};

const readableBy = (follower: Follower, types: EventTypes) => {
  const knows = new Set(follower.knows ?? types.names);
  return (event: RecordedEvent): RecordedEvent => {
    if (knows.has(event.type)) return types.upcast(event);
    throw new UnknownEventType(event.type, event.schemaVersion, event.position, undefined);
  };
};

const followingOf = (types: EventTypes, follower: Follower): Following => {
  const readable = readableBy(follower, types);
  return {
    name: follower.name,
    knows: follower.knows ?? types.names,
    gatherMs: follower.gatherMs ?? 0,
    checkpoint: () => follower.name,
    concerns: () => true,
    handle: (events, tx) => follower.handle(events.map(readable), tx),
    committed: (position) => follower.committed?.(position),
  };
};

/**
 * Runs followers of the log, each on its own: one that stops never stops another. Any number of processes may run the
 * same followers; every event is applied once, whoever is killed when (architecture §2, invariant I1).
 */
export class FollowerRunner {
  readonly #options: FollowerRunnerOptions;
  readonly #loops: readonly FollowerLoop[];
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: FollowerRunnerOptions) {
    this.#options = options;
    const { store, types, projections = [], followers = [] } = options;
    const pool = survivingLostConnections(options.pool);
    const settings: LoopSettings = {
      pool,
      store,
      tail: new LogTail(pool),
      batchSize: options.batchSize ?? 1_000,
      retry: options.retry ?? { firstMs: 1_000, maximumMs: 60_000, outageMs: 3_000 },
      observer: options.observer ?? {},
    };
    this.#loops = [
      ...projections.map((projection) => followingOfView(pool, types, projection)),
      ...followers.map((follower) => followingOf(types, follower)),
    ].map((following) => new FollowerLoop(following, settings));
    const names = this.#loops.map(({ following }) => following.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Error(`two followers are called ${twice}`);
  }

  /** Makes every follower and what it knows visible, then starts them. */
  async start(): Promise<void> {
    const { pool, projections = [] } = this.#options;
    for (const { name } of projections) await registerView(sqlOn(pool), name);
    for (const loop of this.#loops) {
      await registerFollower(pool, loop.following.name, loop.following.knows);
      await loop.prepare();
    }
    this.#running = Promise.all(this.#loops.map((loop) => loop.run(this.#stop.signal)));
  }

  /** Resolves when the batches under way are committed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async status(): Promise<readonly FollowerStatus[]> {
    const head = await this.#options.store.head();
    return Promise.all(this.#loops.map((loop) => this.#statusOf(loop, head.position)));
  }

  async #statusOf({ following, fault }: FollowerLoop, head: number): Promise<FollowerStatus> {
    const generation = await following.generation?.();
    const position = (await readCheckpoint(sqlOn(this.#options.pool), following.checkpoint(generation))) ?? 0;
    // Another process may have got past what this one cannot handle.
    const stopped = fault !== undefined && fault.position > position;
    return {
      name: following.name,
      status: stopped ? 'stopped' : 'running',
      position,
      behind: Math.max(0, head - position),
      ...(generation !== undefined && { generation }),
      ...(stopped && { fault }),
    };
  }
}
