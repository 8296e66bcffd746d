import type { LoadedStream, RecordedEvent } from '@strata/event-store';
import type { ScheduleChange } from '@strata/queue';
import type { KindRules } from '../kind.js';
import { isTerminalEvent, operationEventSchemas, type OperationEventOf } from '../operation/operation.events.js';
import { historyOf } from '../operation/operation.history.js';
import { isOpen } from '../operation/operation.js';

const prefix = 'operation-';

/** Event types that may change what is due; a follower that dispatches knows all types and acts on these. */
export const dispatchedTypes: readonly string[] = Object.keys(operationEventSchemas);

/** The batch that a part belongs to: events of a part are correlated with the operation that users see. */
const batchOf = (event: RecordedEvent, operationId: string): readonly ScheduleChange[] => {
  const shownAs = event.meta.correlationId;
  return event.stream.startsWith(prefix) && shownAs !== undefined && shownAs !== operationId && isUuid(shownAs)
    ? [{ change: 'due-now', operationId: shownAs }]
    : [];
};

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** What an event of the log means for the schedule. Pure; the follower applies it with its checkpoint. */
export const scheduleChangesOf = (
  event: RecordedEvent,
  rulesOf: (kind: string) => KindRules,
): readonly ScheduleChange[] => {
  if (!event.stream.startsWith(prefix)) return [];
  const operationId = event.stream.slice(prefix.length);
  if (isTerminalEvent(event.type)) return [{ change: 'close', operationId }, ...batchOf(event, operationId)];
  switch (event.type) {
    case 'OperationRequested':
      return [opened(event, operationId, rulesOf)];
    case 'OperationCancelRequested':
      return [{ change: 'due-now', operationId }];
    case 'SendIntended':
      return batchOf(event, operationId);
    default:
      return [];
  }
};

/**
 * Puts an open operation back that is not in the schedule any more, due now; undefined when it has ended. From its stream: what
 * it works on may follow from its input, which no view keeps.
 */
export const openedAgain = (stream: LoadedStream, rulesOf: (kind: string) => KindRules): ScheduleChange | undefined => {
  const { operation } = historyOf(stream);
  const [requested] = stream.events;
  if (requested === undefined || !isOpen(operation)) return undefined;
  // Either class will do: what is due is decided from the log.
  return { ...opened(requested, operation.operationId, rulesOf), lane: 'look' };
};

type Opened = Extract<ScheduleChange, { change: 'open' }>;

const opened = (event: RecordedEvent, operationId: string, rulesOf: (kind: string) => KindRules): Opened => {
  const request = event.data as unknown as OperationEventOf<'OperationRequested'>['data'];
  const { kind, bindingId, projectId, parts } = request;
  const { sends, deadlineMs, streams } = rulesOf(kind);
  return {
    change: 'open',
    operationId,
    projectId,
    bindingId,
    kind,
    lane: sends && parts.length === 0 ? 'send' : 'look',
    deadlineAt: new Date(Date.parse(event.recordedAt) + deadlineMs).toISOString(),
    resources: streams(request),
  };
};
