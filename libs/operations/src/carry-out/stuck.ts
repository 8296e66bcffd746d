import type { Carrier, KindRules, KnownOperation, Look, LookContext } from '../kind.js';

/** Since when something is suspected to be stuck, and from how many others that was learnt. */
export interface Suspicion {
  readonly afterMs: number;
  /** Null: too few are known to tell; the time is that of the kind. */
  readonly sample: number | null;
}

/** Fewer say nothing about how long the slow ones take. */
export const leastSample = 20;

const minuteMs = 60_000;

/** Before that nothing is suspected, however quick others are: a cloud has its slow minutes. */
const earliestSuspicionMs = 2 * minuteMs;

/** So many times what one of a hundred took is no slowness any more. */
const factor = 3;

/**
 * How long the cloud may be at something until that is suspected to be stuck: a multiple of what 99 of 100 of its kind took
 * in the same binding, no less than two minutes and no more than half of the kind's deadline; a quarter of the deadline while
 * too few are known. Being suspected costs a closer look and nothing else.
 */
export const suspicionFrom = (tookMs: readonly number[], deadlineMs: number): Suspicion => {
  if (tookMs.length < leastSample) return { afterMs: deadlineMs / 4, sample: null };
  const sorted = [...tookMs].sort((a, b) => a - b);
  const slowMs = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
  const afterMs = Math.min(Math.max(factor * slowMs, earliestSuspicionMs), deadlineMs / 2);
  return { afterMs: Math.round(afterMs), sample: sorted.length };
};

/** Of what the cloud has taken and had for so long that it may be stuck; null while that is out of the question. */
export const suspicionOf = async (
  known: KnownOperation,
  pendingForMs: number,
  { deadlineMs }: Pick<KindRules, 'deadlineMs'>,
  { tookMs }: { readonly tookMs: (kind: string, bindingId: string) => Promise<readonly number[]> },
): Promise<Suspicion | null> => {
  if (known.status !== 'running' || known.phase !== 'accepted' || known.bindingId === null) return null;
  if (pendingForMs < earliestSuspicionMs) return null;
  return suspicionFrom(await tookMs(known.kind, known.bindingId), deadlineMs);
};

/** In ms: less and less often. */
export const nextStuckLookInMs = (pendingForMs: number): number => Math.min(pendingForMs / 4, 5 * minuteMs);

/**
 * Looks first: done, or failed, after all? Job and resource are both asked, as either may have been left behind. That the
 * resource looks untouched says nothing while its job is at work: that may wait for others, and begin later.
 */
export const resolve = async <Cloud>(carrier: Carrier<Cloud>, cloud: Cloud, context: LookContext): Promise<Look> => {
  const seen = await carrier.look(cloud, context);
  if (seen.look !== 'pending' || context.jobId === null) return seen;
  const shown = await carrier.look(cloud, { ...context, jobId: null, cloudId: seen.cloudId ?? context.cloudId });
  if (shown.look === 'pending') return { ...seen, cloudId: seen.cloudId ?? shown.cloudId };
  // What looks whole while its job is at work may be empty yet: then only the job says that it is done.
  return shown.look === 'done' && carrier.onlyJobTells ? seen : shown;
};
