import type { FastifyReply } from 'fastify';

const signals = new WeakMap<FastifyReply, AbortSignal>();
const underWay = new WeakMap<AbortSignal, Set<AbortController>>();

/** One listener on the shutdown however many requests are under way: each only joins the set. */
const companyOf = (shutdown: AbortSignal): Set<AbortController> => {
  const known = underWay.get(shutdown);
  if (known) return known;
  const company = new Set<AbortController>();
  underWay.set(shutdown, company);
  shutdown.addEventListener('abort', () => company.forEach((controller) => controller.abort()), { once: true });
  return company;
};

const signalFor = ({ raw }: FastifyReply, shutdown: AbortSignal): AbortSignal => {
  const controller = new AbortController();
  if (raw.destroyed || shutdown.aborted) {
    controller.abort();
    return controller.signal;
  }
  const company = companyOf(shutdown).add(controller);
  raw.once('close', () => {
    company.delete(controller);
    // An answer that was sent in full is no reason to stop anything.
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
};

/** One per reply: aborted when the client hung up before the answer was sent, or the server stops. */
export const abortSignalOf = (reply: FastifyReply, shutdown: AbortSignal): AbortSignal => {
  const known = signals.get(reply);
  if (known) return known;
  const signal = signalFor(reply, shutdown);
  signals.set(reply, signal);
  return signal;
};
