import type { RecordedEvent, StreamAppend } from '@strata/event-store';
import type { JsonObject, Refusal } from '@strata/kernel';
import { execute, type CommandPorts, type Executed, type Plan, type Planned, type WriteCall } from '@strata/projects';
import { recordOf, type OperationRecord } from '../operation.record.js';

export interface ExecutedOperation<R extends Refusal> {
  readonly executed: Executed<R>;
  /** The operation that was requested just now: known without reading it again. */
  readonly requested: OperationRecord | undefined;
}

/** `execute` for a command that requests an operation. */
export const executeOperation = async <R extends Refusal>(
  ports: CommandPorts,
  call: WriteCall,
  plan: Plan<R>,
): Promise<ExecutedOperation<R>> => {
  let planned: Planned<R> | undefined;
  const executed = await execute<R>(ports, call, {
    ...plan,
    // Of several decisions the last one is the one that was committed.
    decide: async (loaded) => (planned = rememberingTheWait(await plan.decide(loaded), call)),
  });
  const requested =
    executed.status === 'done' && planned?.accepted ? justRequested(planned, executed, call) : undefined;
  return { executed, requested };
};

/**
 * How the answer ends is not known when it is written down. A replay tells it from this: the first answer was `200` when the
 * operation ended within the wait.
 */
const rememberingTheWait = <R extends Refusal>(planned: Planned<R>, { prefer }: WriteCall): Planned<R> =>
  planned.accepted && prefer ? { ...planned, answer: { ...planned.answer, waitSeconds: prefer.waitSeconds } } : planned;

type Accepted = Extract<Planned, { accepted: true }>;
type Done = Extract<Executed, { status: 'done' }>;

/** Events of one append stand at consecutive positions, in the order of its streams. */
const justRequested = (
  { streams, answer, meta }: Accepted,
  { position, recordedAt }: Done,
  { caller }: WriteCall,
): OperationRecord | undefined => {
  if (recordedAt === undefined) return undefined;
  const written = streams.filter(({ events }) => events.length > 0);
  const index = written.findIndex(({ stream }) => stream === `operation-${String(answer['operationId'])}`);
  const own = written[index];
  if (!own) return undefined;
  const before = countOf(written.slice(0, index));
  const first = position - countOf(written) + before + 1;
  const events = own.events.map(({ type, schemaVersion, data, charges = [] }, offset): RecordedEvent => ({
    position: first + offset,
    id: '',
    stream: own.stream,
    version: own.expectedVersion + offset + 1,
    type,
    schemaVersion,
    projectId: own.projectId,
    data: data as JsonObject,
    charges,
    meta: { actorId: caller.actorId, ...meta },
    recordedAt,
    hash: '',
  }));
  return own.expectedVersion === 0 ? recordOf(events) : undefined;
};

const countOf = (streams: readonly StreamAppend[]) => streams.reduce((sum, { events }) => sum + events.length, 0);
