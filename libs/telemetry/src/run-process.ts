export interface Running {
  stop(): Promise<void>;
  /** Bound on `stop`, in ms; after it the process ends all the same. */
  readonly graceMs: number;
  /** Told why it is about to stop. */
  readonly told: (why: string) => void;
}

/**
 * The life of every process of ours: start or say in one line why not; tell a parent that it is ready; stop on a signal,
 * or when the parent is gone; end within the grace.
 */
export const runProcess = async (own: NodeJS.Process, start: () => Promise<Running>): Promise<void> => {
  // Where they go may take nothing (a full disk, a reader that is gone): no reason to end.
  for (const stream of [own.stdout, own.stderr]) stream.on('error', () => undefined);
  const asked = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) own.once(signal, () => resolve(signal));
    own.once('disconnect', () => resolve('the parent is gone'));
  });
  try {
    const running = await start();
    own.send?.('ready');
    const why = await asked;
    running.told(why);
    const impatience = setTimeout(() => own.exit(1), running.graceMs);
    await running.stop();
    clearTimeout(impatience);
    own.exit(0);
  } catch (error) {
    own.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    own.exit(1);
  }
};
