import { describe, expect, it } from 'vitest';
import type { Look } from '../kind.js';
import { cloudFailed } from '../operation/operation.errors.js';
import { freshNotes, notesFrom } from './notes.js';
import { judged } from './untouched.js';

const error = cloudFailed({ code: 'not-attached', message: 'the disk is available', requestId: null });
const atWork: Look = { look: 'pending', state: 'running', cloudId: 'disk' };
const untouched: Look = { ...atWork, untouched: error };
const failed: Look = { look: 'failed', error, left: {} };
const startMs = Date.parse('2026-03-02T08:00:00.000Z');

/** What each look says, so many seconds after the first, as the notes go from one step to the next. */
const told = (looks: readonly (readonly [seconds: number, seen: Look])[], visibilityMs = 0) => {
  let lastSeen = { ...freshNotes(1) };
  return looks.map(([seconds, looked]) => {
    const { seen, notes } = judged(looked, notesFrom(lastSeen, 1), startMs + seconds * 1_000, { visibilityMs });
    lastSeen = { ...notes };
    return seen;
  });
};

describe('what looks untouched', () => {
  it('has come to nothing when it has looked so for two minutes', () => {
    expect(
      told([
        [0, untouched],
        [119, untouched],
        [120, untouched],
      ]),
    ).toEqual([untouched, untouched, failed]);
  });

  it('may show later where the cloud is known to be slower', () => {
    expect(
      told(
        [
          [0, untouched],
          [299, untouched],
          [300, untouched],
        ],
        300_000,
      ),
    ).toEqual([untouched, untouched, failed]);
  });

  it('is looked at anew after any look that finds it at work', () => {
    expect(
      told([
        [0, untouched],
        [100, atWork],
        [120, untouched],
        [239, untouched],
        [240, untouched],
      ]),
    ).toEqual([untouched, atWork, untouched, untouched, failed]);
  });

  it('says nothing of another attempt', () => {
    const { notes } = judged(untouched, freshNotes(1), startMs, { visibilityMs: 0 });
    expect(notesFrom({ ...notes }, 1)).toEqual({ ...freshNotes(1), untouchedSinceMs: startMs });
    expect(notesFrom({ ...notes }, 2)).toEqual(freshNotes(2));
  });

  it('leaves every other end as it was told', () => {
    const done: Look = { look: 'done', outcome: {} };
    const [, , last] = told([
      [0, untouched],
      [60, untouched],
      [180, done],
    ]);
    expect(last).toEqual(done);
  });
});
