/** What a terminal, or whoever else runs it, asks of a process. */
export interface Interrupts {
  /** Aborted by the first signal, whose name is the reason: stop what is there, or what is being started. */
  readonly stop: AbortSignal;
  /** Aborted by a Ctrl-C while stopping: end at once. */
  readonly force: AbortSignal;
}

interface Signalled {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** npm passes on the Ctrl-C that the terminal has sent to each of its processes already: one key press arrives twice. */
const sameKeyPressMs = 500;

export const interruptsOf = (own: Signalled, nowMs: () => number = () => performance.now()): Interrupts => {
  const [stop, force] = [new AbortController(), new AbortController()];
  let askedAtMs = 0;
  const ask = (signal: NodeJS.Signals): void => {
    if (!stop.signal.aborted) {
      askedAtMs = nowMs();
      stop.abort(signal);
    } else if (signal === 'SIGINT' && nowMs() - askedAtMs > sameKeyPressMs) force.abort(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) own.on(signal, () => ask(signal));
  return { stop: stop.signal, force: force.signal };
};

/** Resolves with the reason of the signal. */
export const aborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    const tell = () => resolve(String(signal.reason));
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
  });
