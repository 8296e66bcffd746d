export interface StreamedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

const parse = (block: string): StreamedEvent | undefined => {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => line.includes(': ') && !line.startsWith(':'))
      .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const),
  );
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
  if (id === undefined || event === undefined || data === undefined) return undefined;
  return { id, event, data: JSON.parse(data) as Record<string, unknown> };
};

export interface StreamOptions {
  readonly token: string;
  readonly lastEventId?: string;
  /** Whoever follows leaves after this event. */
  readonly until?: (event: StreamedEvent) => boolean;
  /** Bound of the whole, in ms. */
  readonly withinMs?: number;
}

/** Server-sent events, until the server ends the stream or `until` has come. */
export const streamed = async (url: string, options: StreamOptions): Promise<readonly StreamedEvent[]> => {
  const { token, lastEventId, until = () => false, withinMs = 120_000 } = options;
  const leave = new AbortController();
  const response = await fetch(url, {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: AbortSignal.any([leave.signal, AbortSignal.timeout(withinMs)]),
  });
  if (response.status !== 200 || response.body === null) throw new Error(`the stream was answered ${response.status}`);
  const events: StreamedEvent[] = [];
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    events.push(...blocks.map(parse).filter((event) => event !== undefined));
    if (events.some(until)) {
      leave.abort();
      break;
    }
  }
  return events;
};
