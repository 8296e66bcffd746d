import {
  BindingId,
  JsonValue,
  newEvent,
  OperationId,
  ProjectId,
  type EventMaker,
  type EventOf,
  type JsonObject,
} from '@strata/kernel';
import { z } from 'zod';

const Json: z.ZodType<JsonObject> = z.record(z.string(), JsonValue);

export const Target = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('disk'), id: z.uuid() }),
  z.strictObject({ type: z.literal('disks'), ids: z.array(z.uuid()) }),
  z.strictObject({ type: z.literal('snapshot'), id: z.uuid() }),
  z.strictObject({ type: z.literal('snapshots'), ids: z.array(z.uuid()) }),
  z.strictObject({ type: z.literal('binding'), id: z.uuid() }),
]);
export type Target = z.infer<typeof Target>;

/** Who has to act so that it can go on. */
export const Owner = z.enum(['you', 'platform', 'cloud']);
export type Owner = z.infer<typeof Owner>;

export const OperationError = z.strictObject({
  code: z.string(),
  title: z.string(),
  owner: Owner,
  remedy: z.string(),
  retryable: z.boolean(),
  cloud: z.strictObject({ code: z.string(), message: z.string(), requestId: z.string().nullable() }).nullable(),
});
export type OperationError = z.infer<typeof OperationError>;

/** Names of the steps that a plan has. */
export const plannedStepNames = ['delete-snapshot', 'delete-disk'] as const;

/** A step of what goes in order, known before any of it was begun. */
const PlannedStep = z.strictObject({
  /** The part that carries it out. */
  operationId: OperationId,
  name: z.enum(plannedStepNames),
  /** `name`: as it was called when the plan was made, for what nobody can look up afterwards. */
  target: z.strictObject({ type: z.enum(['disk', 'snapshot']), id: z.uuid(), name: z.string() }),
});
export type PlannedStep = z.infer<typeof PlannedStep>;

const Requested = z.strictObject({
  operationId: OperationId,
  kind: z.string(),
  projectId: ProjectId,
  bindingId: BindingId.nullable(),
  target: Target,
  /** What the kind needs to carry it out; decided at acceptance, never re-read from anywhere else. */
  input: Json,
  /** The visible operation that this one is a part of: `count` is one send per disk, each an operation of its own. */
  partOf: OperationId.nullable(),
  parts: z.array(OperationId),
  /** Of what goes in order: what each of its parts does, the first one first. */
  plan: z.array(PlannedStep).exactOptional(),
  /** Of a part that goes in order: the one before it. It begins only when that has succeeded. */
  after: OperationId.exactOptional(),
  /** RFC 3339, UTC, milliseconds: until then nothing is asked of the cloud, and it can be cancelled. Absent: at once. */
  notBefore: z.string().exactOptional(),
  retryOf: OperationId.nullable(),
  /** Of an operation between projects: those of them that its own readers may know, itself included. */
  participants: z.array(ProjectId).exactOptional(),
});
const Attempt = z.int().min(1);
const Fault = z.strictObject({ code: z.string(), message: z.string(), requestId: z.string().nullable() });

/** Every event of an operation's stream with the schema of each version ever written. */
export const operationEventSchemas = {
  OperationRequested: { 1: Requested },
  /** Work began without anything to send: looking only, or waiting for parts. */
  OperationStarted: { 1: z.strictObject({}) },
  /** Recorded before a write leaves. `marker` goes with the write, so that a lost answer can be looked up. */
  SendIntended: { 1: z.strictObject({ attempt: Attempt, marker: z.string(), sendWithinMs: z.int().positive() }) },
  /** The cloud took it: by its answer, or found under its marker after the answer was lost. */
  SendAccepted: {
    1: z.strictObject({
      attempt: Attempt,
      jobId: z.string().nullable(),
      cloudId: z.string().nullable(),
      cloudRequestId: z.string().nullable(),
      via: z.enum(['answer', 'look-up']),
    }),
  },
  /** It is not known whether the write took effect. */
  AnswerLost: { 1: z.strictObject({ attempt: Attempt, fault: Fault }) },
  /** Looked for long enough: the write of this attempt had no effect, another attempt may be made. */
  SendPresumedAbsent: { 1: z.strictObject({ attempt: Attempt, emptyLooks: z.int().min(1) }) },
  /** The cloud is at it for longer than is usual: `sample` others were that much quicker; null when too few were known. */
  OperationStuckSuspected: {
    1: z.strictObject({ afterMs: z.int().positive(), sample: z.int().positive().nullable() }),
  },
  CloudProgressed: { 1: z.strictObject({ state: z.string(), cloudId: z.string().nullable() }) },
  OperationCancelRequested: { 1: z.strictObject({}) },
  OperationSucceeded: { 1: z.strictObject({ result: Json }) },
  OperationFailed: { 1: z.strictObject({ error: OperationError, result: Json.nullable() }) },
  /** `result`: of a batch, what came of each part. */
  OperationCancelled: { 1: z.strictObject({ result: Json.exactOptional() }) },
  /** Terminal stays terminal: this only tells which new operation tries again. */
  OperationRetried: { 1: z.strictObject({ retriedBy: OperationId }) },
} as const;

export type OperationEvent = EventOf<typeof operationEventSchemas>;
export type OperationEventOf<Type extends OperationEvent['type']> = EventOf<typeof operationEventSchemas, Type>;

export const operationEvent: EventMaker<typeof operationEventSchemas> = newEvent;

export const terminalEventTypes = ['OperationSucceeded', 'OperationFailed', 'OperationCancelled'] as const;
export const isTerminalEvent = (type: string): boolean => (terminalEventTypes as readonly string[]).includes(type);
