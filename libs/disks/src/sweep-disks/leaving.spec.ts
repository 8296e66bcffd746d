import { describe, expect, it } from 'vitest';
import { mayBeLeaving } from './leaving.js';

const asked = (status: string, now: string, visibilityMs = 120_000): boolean =>
  mayBeLeaving({ status }, { deletedAt: '2026-11-29T10:00:00.123456Z', now, visibilityMs });

describe('what the log has as deleted and the cloud shows', () => {
  it('may be leaving as long as the cloud may be behind', () => {
    expect(asked('available', '2026-11-29T10:01:59.000Z')).toBe(true);
    expect(asked('available', '2026-11-29T10:02:01.000Z')).toBe(false);
    expect(asked('error-deleting', '2026-11-29T10:02:01.000Z')).toBe(false);
    expect(asked('available', '2026-11-29T10:00:01.000Z', 0)).toBe(false);
  });

  it('may be leaving for an hour while the cloud is at its deletion, and longer where the cloud may be behind for longer', () => {
    expect(asked('deleting', '2026-11-29T10:59:59.000Z')).toBe(true);
    expect(asked('deleting', '2026-11-29T11:00:01.000Z')).toBe(false);
    expect(asked('deleting', '2026-11-29T11:59:59.000Z', 7_200_000)).toBe(true);
  });
});
