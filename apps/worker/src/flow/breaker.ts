/** Of one endpoint, as one worker knows it. Times in ms on its monotonic clock. */
export type BreakerState =
  { readonly is: 'closed'; readonly silences: number } | { readonly is: 'open'; readonly retryAtMs: number };

/** So many requests in a row without an answer, and the endpoint is taken for away. */
const silencesToOpen = 5;

export const closedBreaker: BreakerState = { is: 'closed', silences: 0 };

/** What one more request says of an endpoint: `open` and `close` are news for all workers. */
export type BreakerNews = 'open' | 'close' | 'still-silent' | null;

/** Pure: what was heard of a request, and what that means. Time plays no part; when to try again is told by all workers' table. */
export const hear = (
  state: BreakerState,
  silent: boolean,
): { readonly state: BreakerState; readonly news: BreakerNews } => {
  if (state.is === 'open') {
    if (silent) return { state, news: 'still-silent' };
    return { state: closedBreaker, news: 'close' };
  }
  if (!silent) return { state: closedBreaker, news: null };
  const silences = state.silences + 1;
  return { state: { is: 'closed', silences }, news: silences >= silencesToOpen ? 'open' : null };
};
