import type { LoadedStream, RecordedEvent } from '@strata/event-store';
import { unreachable, type StreamId } from '@strata/kernel';
import { inMilliseconds } from '@strata/projects';
import type { Operation } from './operation/index.js';
import type { OperationRecord } from './operation.record.js';
import type { ParticipationEvent, ParticipationEventOf } from './participation/index.js';

export const participationStream = (operationId: string): StreamId => `participation-${operationId}`;

/** The last event that a participant is told of an operation. */
export const endsParticipation = (type: string): boolean =>
  type === ('ParticipationEnded' satisfies ParticipationEvent['type']);

type Running = Extract<Operation, { status: 'running'; phase: 'accepted' }>;

/** Whoever takes part can only follow it: it is with others. */
const withOthers = ({
  operationId,
  kind,
  projectId,
  target,
}: ParticipationEventOf<'ParticipationBegan'>['data']): Running => ({
  ...{ operationId, kind, projectId, bindingId: null, target, input: {} },
  ...{ partOf: null, parts: [], retryOf: null, attempts: 0, cancelRequested: false },
  ...{ status: 'running', phase: 'accepted', marker: '', jobId: null, cloudId: null, state: null },
});

const begin = ({ data }: ParticipationEventOf<'ParticipationBegan'>, recorded: RecordedEvent): OperationRecord => {
  const at = inMilliseconds(recorded.recordedAt);
  const { operationId: id, projectId, kind, target } = data;
  return {
    ...{ id, projectId, kind, target, state: withOthers(data), steps: [], error: null, result: null, retriedBy: null },
    ...{ actorId: recorded.meta.actorId, createdAt: at, startedAt: at, endedAt: null },
    ...{ position: recorded.position, version: recorded.version, participants: [projectId] },
  };
};

const end = (
  record: OperationRecord,
  { data: { result, error } }: ParticipationEventOf<'ParticipationEnded'>,
  recorded: RecordedEvent,
): OperationRecord => {
  const state: OperationRecord['state'] =
    error === null
      ? { ...record.state, status: 'succeeded' }
      : { ...record.state, status: 'failed', error, retriedBy: null };
  const { position, version } = recorded;
  return { ...record, state, result, error, endedAt: inMilliseconds(recorded.recordedAt), position, version };
};

const recordAfter = (record: OperationRecord | undefined, recorded: RecordedEvent): OperationRecord | undefined => {
  // Only this feature writes streams of participations: their category guarantees the union.
  const event = recorded as unknown as ParticipationEvent;
  switch (event.type) {
    case 'ParticipationBegan':
      return record ?? begin(event, recorded);
    case 'ParticipationEnded':
      return record && end(record, event, recorded);
    default:
      return unreachable(event);
  }
};

/** An operation as one who takes part in it is told; undefined where there is none, or none to be seen. */
export const participantRecordOf = (stream: LoadedStream | undefined): OperationRecord | undefined =>
  stream?.events.reduce<OperationRecord | undefined>(recordAfter, undefined);
