import { setTimeout as pause } from 'node:timers/promises';

/** Longer than the api itself waits for its checks. */
const answerWithinMs = 5_000;

/** What the api tells of itself at `/health/ready`; undefined while it is ready. */
export const whyNotReady = async (apiUrl: string): Promise<string | undefined> => {
  try {
    const answer = await fetch(`${apiUrl}/health/ready`, { signal: AbortSignal.timeout(answerWithinMs) });
    const told = (await answer.json()) as { readonly detail?: unknown };
    if (answer.ok) return undefined;
    return typeof told.detail === 'string' ? told.detail : `the api answers ${answer.status}.`;
  } catch {
    return 'the api does not answer.';
  }
};

export interface ReadinessWatch {
  /** Why it is not ready; undefined while it is. */
  readonly ask: () => Promise<string | undefined>;
  /** Told each change, and nothing else. */
  readonly say: (why: string | undefined) => void;
  readonly everyMs: number;
  readonly until: AbortSignal;
}

/**
 * Tells whoever looks at the terminal what callers of the api are told, from a disk that ran full to the room that was made. What
 * was met once only is not told: a machine that was asleep, or too busy for a moment.
 */
export const watchReadiness = async ({ ask, say, everyMs, until }: ReadinessWatch): Promise<void> => {
  let told: string | undefined;
  let before: string | undefined;
  const wait = (): Promise<void> => pause(everyMs, undefined, { signal: until, ref: false }).catch(() => undefined);
  for (await wait(); !until.aborted; await wait()) {
    const why = await ask();
    if (why !== told && (why === undefined || before !== undefined) && !until.aborted) {
      say(why);
      told = why;
    }
    before = why;
  }
};
