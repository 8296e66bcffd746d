import type { FastifyReply } from 'fastify';

const signals = new WeakMap<FastifyReply, AbortSignal>();

const hungUp = (reply: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  const { raw } = reply;
  if (raw.destroyed || raw.closed) controller.abort();
  else raw.once('close', () => controller.abort());
  return controller.signal;
};

/** One per reply: aborted when its connection or the reply itself is closed, or the server stops. */
export const abortSignalOf = (reply: FastifyReply, shutdown: AbortSignal): AbortSignal => {
  const known = signals.get(reply);
  if (known) return known;
  const signal = AbortSignal.any([hungUp(reply), shutdown]);
  signals.set(reply, signal);
  return signal;
};
