import type { ServerResponse } from 'node:http';

/** One server-sent event. A number as `id` is a position and is sent as `<incarnation>.<position>`. */
export interface StreamEvent {
  readonly id?: number | string;
  readonly event?: string;
  /** Sent as one line of JSON. */
  readonly data: unknown;
}

export interface EventStreamBounds {
  /** A comment when nothing else was sent for so long. */
  readonly heartbeatMs: number;
  /** A reader who has not taken what was sent within this time is dropped; it resumes with `Last-Event-ID`. */
  readonly stalledMs: number;
}

export const eventStreamBounds: EventStreamBounds = { heartbeatMs: 15_000, stalledMs: 20_000 };

const lineBreak = /\r\n|\r|\n/g;

export const formatEvent = ({ id, event, data }: StreamEvent, formatId: (position: number) => string): string => {
  const lines: string[] = [];
  if (id !== undefined) lines.push(`id: ${typeof id === 'number' ? formatId(id) : id.replace(lineBreak, ' ')}`);
  if (event !== undefined) lines.push(`event: ${event.replace(lineBreak, ' ')}`);
  lines.push(`data: ${JSON.stringify(data ?? null)}`);
  return `${lines.join('\n')}\n\n`;
};

/** Resolves when the reader has caught up; `false` when it did not within the bound, or is gone. */
const drained = (raw: ServerResponse, stalledMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const settle = (result: boolean) => {
      clearTimeout(timer);
      raw.off('drain', onDrain).off('close', onClose);
      resolve(result);
    };
    const onDrain = () => settle(true);
    const onClose = () => settle(false);
    const timer = setTimeout(() => settle(false), stalledMs);
    raw.once('drain', onDrain).once('close', onClose);
    if (raw.destroyed) settle(false);
  });

/**
 * `undefined` once aborted, even while the iterator is still waiting. Not a race with one promise for the whole stream:
 * that would keep every event until the stream ends.
 */
const nextOrAborted = async <T>(
  iterator: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T> | undefined> => {
  if (signal.aborted) return undefined;
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => resolve(undefined);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([iterator.next(), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

/**
 * Writes events as they come. What is pulled is at most one event ahead of the socket's buffer, so a slow reader costs
 * no memory; it holds the stream for `stalledMs` and is then dropped. A fault of the iterable is thrown after the
 * connection was cut: the client resumes where it was.
 */
export const writeEventStream = async (
  raw: ServerResponse,
  events: AsyncIterable<StreamEvent>,
  signal: AbortSignal,
  formatId: (position: number) => string,
  bounds: EventStreamBounds = eventStreamBounds,
): Promise<void> => {
  const iterator = events[Symbol.asyncIterator]();
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(':\n\n');
  }, bounds.heartbeatMs);
  try {
    raw.write('retry: 2000\n\n');
    for (;;) {
      const next = await nextOrAborted(iterator, signal);
      if (next === undefined || next.done === true) break;
      heartbeat.refresh();
      if (!raw.write(formatEvent(next.value, formatId)) && !(await drained(raw, bounds.stalledMs))) {
        raw.destroy();
        break;
      }
    }
    raw.end();
  } catch (fault) {
    raw.destroy();
    throw fault;
  } finally {
    clearInterval(heartbeat);
    // Not awaited: a generator that is waiting for news ends when its own signal tells it.
    void iterator.return?.().catch(() => undefined);
  }
};
