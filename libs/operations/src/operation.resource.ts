import { JsonValue, unreachable, type JsonObject } from '@strata/kernel';
import { z } from 'zod';
import {
  cancelabilityOf,
  isBeforeItsTime,
  isOpen,
  OperationError,
  plannedStepNames,
  Target,
} from './operation/index.js';
import { hasEnded, type OperationRecord } from './operation.record.js';
import { stepsOf } from './planned-steps.js';

const Time = z.iso.datetime({ precision: 3 });
export const OperationStatus = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);
/** What an open operation waits for; each wait has a deadline and somebody who acts. */
export const WaitingFor = z.enum(['turn', 'cloud-quota', 'lock', 'rate-budget', 'window', 'cloud']);
export type WaitingFor = z.infer<typeof WaitingFor>;

/** Why an operation that waits for `lock` is held, in the words of who paused it. */
export const Hold = z.strictObject({ reason: z.string(), since: Time, until: Time });
export type Hold = z.infer<typeof Hold>;

const Json: z.ZodType<JsonObject> = z.record(z.string(), JsonValue);

const StepResource = z.strictObject({
  name: z.enum(['send', 'look-up', 'cloud-work', 'look', 'parts', ...plannedStepNames]),
  /** Of a plan only: what the step is about, with the name that it had when the plan was made. */
  target: z.strictObject({ type: z.enum(['disk', 'snapshot']), id: z.uuid(), name: z.string() }).exactOptional(),
  /** Of a plan only: the part that carries it out. */
  operationId: z.uuid().exactOptional(),
  status: z.enum(['pending', 'running', 'succeeded', 'failed', 'cancelled', 'not-begun', 'unknown']),
  /** Null when it never began, as those after it. */
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
  cloudRequestId: z.string().nullable(),
});

export const OperationResource = z
  .strictObject({
    id: z.uuid(),
    projectId: z.uuid(),
    kind: z.string(),
    target: Target,
    status: OperationStatus,
    waitingFor: WaitingFor.nullable(),
    /** Only while it waits for a pause to end. */
    hold: Hold.exactOptional(),
    progress: z.strictObject({
      percent: z.int().min(0).max(100),
      phase: z.string(),
      /** When it is expected to end, from how long others of its kind took; null when that is not known. */
      eta: Time.nullable(),
    }),
    cancelability: z.enum(['now', 'at-next-safe-point', 'no']),
    attempts: z.int(),
    steps: z.array(StepResource),
    error: OperationError.nullable(),
    result: Json.nullable(),
    retryOf: z.uuid().nullable(),
    retriedBy: z.uuid().nullable(),
    actor: z.strictObject({ id: z.string() }),
    /** The projects between which it goes, as far as the reader may see them; only where there are several. */
    participants: z.array(z.uuid()).optional(),
    createdAt: Time,
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    position: z.int(),
  })
  .meta({ id: 'Operation' });
export type OperationResource = z.infer<typeof OperationResource>;

/** What an operation's own stream does not tell and a reader wants to know. */
export interface Circumstances {
  readonly now: Date;
  readonly waitingFor?: WaitingFor | null | undefined;
  readonly hold?: Hold | undefined;
  /** How long others of its kind took from start to end, in ms. */
  readonly usualMs?: number | undefined;
  /** Of a batch, as far as they are known. */
  readonly parts?: readonly OperationRecord[] | undefined;
}

type Progress = OperationResource['progress'];

/** Where the work stands by its phase alone; the share of the time that the cloud usually takes comes on top. */
const stages = {
  queued: { percent: 0, phase: 'queued' },
  watching: { percent: 10, phase: 'looking' },
  cleared: { percent: 5, phase: 'sending-again' },
  sending: { percent: 10, phase: 'sending' },
  lost: { percent: 15, phase: 'looking-up' },
  accepted: { percent: 25, phase: 'cloud-working' },
} as const;

const cloudShare = 70;

const progressOf = (record: OperationRecord, { now, usualMs, parts = [] }: Circumstances): Progress => {
  const { state } = record;
  if (!isOpen(state)) return { percent: 100, phase: state.status, eta: null };
  if (state.parts.length > 0) {
    const share = parts.filter(hasEnded).length / state.parts.length;
    return { percent: Math.floor(share * 99), phase: 'parts', eta: null };
  }
  if (state.status === 'queued') return { ...stages.queued, eta: null };
  const { percent, phase } = stages[state.phase];
  if (state.phase === 'accepted' && state.stuckSuspected)
    return { percent: percent + cloudShare, phase: 'stuck-suspected', eta: null };
  if (usualMs === undefined || record.startedAt === null) return { percent, phase, eta: null };
  const startedMs = Date.parse(record.startedAt);
  const eta = startedMs + usualMs > now.getTime() ? new Date(startedMs + usualMs).toISOString() : null;
  if (state.phase !== 'accepted') return { percent, phase, eta };
  const share = Math.min(1, Math.max(0, (now.getTime() - startedMs) / Math.max(1, usualMs)));
  return { percent: percent + Math.floor(cloudShare * share), phase, eta };
};

const waitingForOf = (
  { state }: OperationRecord,
  { now, waitingFor }: Pick<Circumstances, 'now' | 'waitingFor'>,
): WaitingFor | null => {
  if (isBeforeItsTime(state, now.getTime())) return 'window';
  switch (state.status) {
    case 'queued':
      return waitingFor ?? 'turn';
    case 'running':
      return waitingFor ?? null;
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return null;
    default:
      return unreachable(state);
  }
};

/** The id of what it works on is known from the beginning; the rest of the result only at the end. */
const resultOf = ({ state, target, result }: OperationRecord): OperationResource['result'] =>
  result ?? (isOpen(state) || state.status === 'cancelled' ? ownResult(target) : null);

const ownResult = (target: Target): OperationResource['result'] => {
  switch (target.type) {
    case 'disk':
      return { diskId: target.id };
    case 'snapshot':
      return { snapshotId: target.id };
    case 'disks':
    case 'snapshots':
    case 'binding':
      return null;
  }
};

/** A batch whose parts the cloud has all taken cannot be stopped any more, as far as its parts are known. */
const cancelabilityNow = (
  state: OperationRecord['state'],
  { now, parts = [] }: Circumstances,
): OperationResource['cancelability'] => {
  if (isBeforeItsTime(state, now.getTime())) return 'now';
  const isTaken = parts.length > 0 && parts.every((part) => cancelabilityOf(part.state) === 'no');
  return isTaken ? 'no' : cancelabilityOf(state);
};

/** An operation as its readers see it (http-api.md, Operation). */
export const showOperation = (record: OperationRecord, circumstances: Circumstances): OperationResource => {
  const { id, projectId, kind, target, state, error, retriedBy, actorId } = record;
  const { participants, createdAt, startedAt, endedAt, position } = record;
  const { hold } = circumstances;
  return {
    id,
    projectId,
    kind,
    target,
    status: state.status,
    waitingFor: waitingForOf(record, circumstances),
    ...(hold !== undefined && isOpen(state) && { hold }),
    progress: progressOf(record, circumstances),
    cancelability: cancelabilityNow(state, circumstances),
    attempts: state.attempts,
    steps: stepsOf(record, circumstances.parts).map((step) => ({ ...step })),
    error,
    result: resultOf(record),
    retryOf: state.retryOf,
    retriedBy,
    actor: { id: actorId },
    ...(participants && { participants: [...participants] }),
    createdAt,
    startedAt,
    endedAt,
    position,
  };
};
