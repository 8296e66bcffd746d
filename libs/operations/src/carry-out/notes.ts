import type { JsonObject } from '@strata/kernel';

/** What the worker noted between two looks; see `StepMemory`. Of another attempt it says nothing. */
export interface Notes {
  readonly attempt: number;
  /** The cloud proved that this attempt had no effect (429, connection refused …). */
  readonly unsent: boolean;
  readonly postponed: number;
  readonly emptyLooks: number;
  /** The list of many showed its resource as through: from then on it is looked at by itself. */
  readonly through: boolean;
  /** Since when all looks have found its resource untouched, in ms since 1970; null: the last one did not. */
  readonly untouchedSinceMs: number | null;
}

export const freshNotes = (attempt: number): Notes => ({
  attempt,
  unsent: false,
  postponed: 0,
  emptyLooks: 0,
  through: false,
  untouchedSinceMs: null,
});

/** When the cloud has answered a look: a silence after that is the first one again. */
export const answered = (notes: Notes): Notes => ({ ...notes, postponed: 0 });

export const notesFrom = (lastSeen: JsonObject | null, attempt: number): Notes => {
  const noted = lastSeen?.['attempt'] === attempt ? lastSeen : {};
  const count = (member: string) => {
    const value = noted[member];
    return typeof value === 'number' ? value : 0;
  };
  const { untouchedSinceMs } = noted;
  return {
    attempt,
    unsent: noted['unsent'] === true,
    postponed: count('postponed'),
    emptyLooks: count('emptyLooks'),
    through: noted['through'] === true,
    untouchedSinceMs: typeof untouchedSinceMs === 'number' ? untouchedSinceMs : null,
  };
};
