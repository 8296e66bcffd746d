import type { EventStore, LaneChange, Loaded, Meta, StreamAppend } from '@strata/event-store';
import { everything } from '@strata/event-store';
import type { ProjectId, StreamId } from '@strata/kernel';
import { v7 as newId } from 'uuid';

/** What happened outside and what that means, decided on what is true now. */
export interface FactPlan {
  readonly streams: readonly StreamId[];
  readonly projectId?: ProjectId | undefined;
  readonly meta: Meta;
  /** `undefined` when it is no news (told twice). Called again when the log moved in between. */
  decide(loaded: Loaded): FactRecord | undefined | Promise<FactRecord | undefined>;
}

export interface FactRecord {
  readonly streams: readonly StreamAppend[];
  readonly changes?: readonly LaneChange[] | undefined;
}

export type Recorded =
  | { readonly status: 'recorded'; readonly position: number; readonly versions: readonly number[] }
  | { readonly status: 'no-news'; readonly position: number };

const decisionsPerFact = 20;

/**
 * Records what the cloud did, what was observed, or what a time did. Facts are never refused for quota; a conflict is decided
 * again. Throws `LaneUnavailable`, and a fault when the streams never stood still: the caller reports it once more later.
 */
export const executeFact = async (store: EventStore, plan: FactPlan): Promise<Recorded> => {
  for (let decision = 1; decision <= decisionsPerFact; decision++) {
    const recorded = await recordOnce(store, plan);
    if (recorded) return recorded;
  }
  throw new Error(`${plan.streams.join(', ')} changed during each of ${decisionsPerFact} decisions`);
};

const recordOnce = async (store: EventStore, plan: FactPlan): Promise<Recorded | undefined> => {
  const loaded = await store.load({ sight: everything, projectId: plan.projectId, streams: plan.streams });
  const record = await plan.decide(loaded);
  const streams = record?.streams.filter(({ events }) => events.length > 0) ?? [];
  if (streams.length === 0) return { status: 'no-news', position: loaded.head };

  const verdict = await store.append({
    appendId: newId(),
    mode: 'fact',
    streams,
    ...(record?.changes && { changes: record.changes }),
    meta: plan.meta,
  });
  if (verdict.status === 'conflict') return undefined;
  if (verdict.status === 'committed' || verdict.status === 'replayed') {
    const versions = streams.map(({ expectedVersion, events }) => expectedVersion + events.length);
    return { status: 'recorded', position: verdict.position, versions };
  }
  throw new Error(`a fact was answered with ${verdict.status}`);
};
