import type { RecordedEvent } from '@strata/event-store';
import type { ScheduleChange } from '@strata/queue';
import { nodeOfPause, type PauseEvent } from '../pause/index.js';

const prefix = 'pause-';

/** What an event of a pause means for the schedule: in the order of the log with what it holds. */
export const pauseChangesOf = (event: RecordedEvent): readonly ScheduleChange[] => {
  if (!event.stream.startsWith(prefix)) return [];
  // The category of the stream guarantees the union.
  const fact = event as unknown as PauseEvent;
  if (fact.type === 'PauseEnded')
    return [{ change: 'resume', pauseId: event.stream.slice(prefix.length), at: event.recordedAt }];
  const { pauseId, scope, kind, reason, until } = fact.data;
  return [{ change: 'pause', pauseId, node: nodeOfPause(scope), kind, reason, since: event.recordedAt, until }];
};
