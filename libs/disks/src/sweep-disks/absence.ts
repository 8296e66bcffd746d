import type { RecordedEvent } from '@strata/event-store';
import { inMilliseconds } from '@strata/projects';
import type { LastKnown } from '../finding/index.js';

/** How the log tells of something that is gone from the cloud. */
export interface Absence {
  /** Types of events that say that the cloud showed it. */
  readonly told: ReadonlySet<string>;
  /** The type of the event that says that it did not. */
  readonly missed: string;
  /** Whether the last of these still holds. */
  readonly isMissed: boolean;
  /** RFC 3339: the look that does not find it now. */
  readonly now: string;
  /** RFC 3339: when the last look at all things of its binding began, and this one was among them unless it was missed. Null: not known. */
  readonly sweptAt: string | null;
}

/** When the cloud showed it last, as far as is known, and which look missed it first. A look without news is no event: a sweep tells of all. */
export const absenceOf = (
  events: readonly RecordedEvent[],
  { told, missed, isMissed, now, sweptAt }: Absence,
): Pick<LastKnown, 'lastSeenAt' | 'missingSince' | 'foundBy' | 'operationId'> => {
  const end = isMissed ? events.findLastIndex(({ type }) => type === missed) : events.length;
  const missing = events[end];
  const missingSince = missing?.recordedAt ?? now;
  const news = events.slice(0, end).findLast(({ type }) => told.has(type))?.recordedAt;
  const looks = [news, sweptAt ?? undefined].filter((at) => at !== undefined);
  const before = looks.filter((at) => Date.parse(at) < Date.parse(missingSince));
  const lastSeenAt = before.toSorted((one, other) => Date.parse(one) - Date.parse(other)).at(-1) ?? null;
  const operationId = missing?.meta.operationId ?? null;
  return {
    lastSeenAt: lastSeenAt === null ? null : inMilliseconds(lastSeenAt),
    missingSince: inMilliseconds(missingSince),
    foundBy: operationId === null ? 'sweep' : 'refresh',
    operationId,
  };
};
