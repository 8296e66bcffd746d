import {
  LaneUnavailable,
  type Append,
  type EventStore,
  type IdempotencyKey,
  type Loaded,
  type QuotaLedger,
} from '@strata/event-store';
import { versionMatches, type Caller, type VersionMatch } from '@strata/http';
import { unreachable, type Refusal } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { authorise, sightOf } from './grants.js';
import { verify } from './outlook.js';
import type { CommonRefusal, Executed, Plan, Planned } from './plan.js';
import { quotaRefusal, told, type Worded } from './quota-refusal.js';

/** The part of a request that a command needs; an `InputOf<…>` of an authenticated write is one. */
export interface WriteCall {
  readonly caller: Caller;
  readonly requestId: string;
  readonly traceparent?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** SHA-256 over method, path, query, `If-Match` and canonical body; hex. */
  readonly fingerprint: string;
  readonly ifMatch?: VersionMatch | undefined;
  /** How long the caller waits for the end of an operation that comes of it. */
  readonly prefer?: { readonly waitSeconds: number } | undefined;
  readonly validateOnly: boolean;
}

/** What commands are carried out with. */
export interface CommandPorts {
  readonly store: EventStore;
  readonly ledger: QuotaLedger;
}

const decisionsPerCommand = 4;

/**
 * The one way of every command (architecture §1): load, known key, visible, allowed, `If-Match`, decide, append. What was
 * decided on something that has moved since is decided again, three times at most. Faults are thrown, all else is a value.
 */
export const execute = async <R extends Refusal>(
  ports: CommandPorts,
  call: WriteCall,
  plan: Plan<R>,
): Promise<Executed<R>> => {
  try {
    for (let decision = 1; decision <= decisionsPerCommand; decision++) {
      const executed = await executeOnce(ports, call, plan);
      if (executed !== 'moved-since') return executed;
    }
    return refused<CommonRefusal>({ type: 'concurrent-change' });
  } catch (error) {
    if (error instanceof LaneUnavailable) {
      const { message: reason, retryAfterSeconds } = error;
      return refused<CommonRefusal>({ type: 'unavailable', reason, retryAfterSeconds });
    }
    throw error;
  }
};

const executeOnce = async <R extends Refusal>(
  ports: CommandPorts,
  call: WriteCall,
  plan: Plan<R>,
): Promise<Executed<R> | 'moved-since'> => {
  const sight = sightOf(call.caller);
  const key = keyOf(call, plan);
  const loaded = await ports.store.load({ sight, projectId: plan.projectId, streams: plan.streams, key });

  if (loaded.known) return answerKnown(call, loaded.known);

  const forbidden = authorise(call.caller, plan.role, plan.projectId, loaded.project);
  if (forbidden) return refused(forbidden);

  const conflict = versionConflict(call.ifMatch, loaded);
  if (conflict) return refused(conflict);

  const planned = await plan.decide(loaded);
  const worded: Worded = (over) => quotaRefusal(ports.store, sight, over);
  if (call.validateOnly) {
    return { status: 'verified', verification: await verify(ports.ledger, plan.projectId, planned, worded) };
  }
  if (!planned.accepted) return refused(await told(planned.refusal, worded));
  if (!hasNews(planned) && !key) return nothingNew(planned, loaded);

  const verdict = await ports.store.append(appendOf(call, planned, key));
  switch (verdict.status) {
    case 'committed':
    case 'replayed':
      return {
        status: 'done',
        answer: planned.answer,
        position: verdict.position,
        versions: versionsAfter(planned),
        recordedAt: verdict.status === 'committed' ? verdict.recordedAt : undefined,
      };
    case 'key-known':
      return answerKnown(call, verdict);
    case 'conflict':
      return 'moved-since';
    case 'over-quota':
      return refused(await worded(verdict));
    default:
      return unreachable(verdict);
  }
};

type Accepted = Extract<Planned, { accepted: true }>;

const refused = <R extends Refusal>(refusal: R) => ({ status: 'refused', refusal }) as const;

/** A verdict writes nothing, so that its key is neither looked up nor remembered. */
const keyOf = (call: WriteCall, { projectId }: Plan) =>
  call.idempotencyKey === undefined || call.validateOnly
    ? undefined
    : { scope: `${call.caller.actorId} ${projectId ?? '-'}`, key: call.idempotencyKey };

const answerKnown = (call: WriteCall, known: NonNullable<Loaded['known']>) =>
  known.fingerprint === call.fingerprint
    ? ({ status: 'replayed', answer: known.answer, position: known.position } as const)
    : refused<CommonRefusal>({ type: 'idempotency-mismatch' });

const versionConflict = (ifMatch: VersionMatch | undefined, loaded: Loaded): CommonRefusal | undefined => {
  const currentVersion = loaded.streams[0]?.version ?? 0;
  return versionMatches(ifMatch, currentVersion) ? undefined : { type: 'version-conflict', currentVersion };
};

const hasNews = ({ streams }: Accepted) => streams.some(({ events }) => events.length > 0);

const nothingNew = ({ answer, streams }: Accepted, { head }: Loaded) =>
  ({ status: 'done', answer, position: head, versions: streams.map((each) => each.expectedVersion) }) as const;

const versionsAfter = ({ streams }: Accepted) =>
  streams.map(({ expectedVersion, events }) => expectedVersion + events.length);

/** Without news its key alone: the request sent again later must not come to something then. */
const appendOf = (call: WriteCall, planned: Accepted, key: { scope: string; key: string } | undefined): Append => {
  const remembered: IdempotencyKey | undefined = key && {
    ...key,
    fingerprint: call.fingerprint,
    answer: planned.answer,
  };
  return {
    appendId: newId(),
    mode: planned.mode ?? 'command',
    streams: planned.streams.filter(({ events }) => events.length > 0),
    ...(planned.changes && hasNews(planned) && { changes: planned.changes }),
    key: remembered,
    meta: {
      actorId: call.caller.actorId,
      requestId: call.requestId,
      correlationId: call.requestId,
      traceparent: call.traceparent,
      ...planned.meta,
    },
  };
};
