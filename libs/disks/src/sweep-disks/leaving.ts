import { lastsAtMostMs } from './stuck.js';

/** What the log has as deleted, and when that is asked; RFC 3339. */
export interface Deletion {
  readonly deletedAt: string;
  readonly now: string;
  /** As long may the cloud be behind what the log knows, in ms. */
  readonly visibilityMs: number;
}

/**
 * Whether what the cloud shows of it may be nothing but the end of its deletion: a list has not heard of it yet, or the cloud is
 * at it still and answered once that it was gone. Neither lasts: what is there later did not go, or came back.
 */
export const mayBeLeaving = (
  { status }: { readonly status: string },
  { deletedAt, now, visibilityMs }: Deletion,
): boolean => {
  const atItMs = status === 'deleting' ? (lastsAtMostMs[status] ?? 0) : 0;
  return Date.parse(now) - Date.parse(deletedAt) < Math.max(visibilityMs, atItMs);
};
