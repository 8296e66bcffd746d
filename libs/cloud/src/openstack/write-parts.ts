import type { Sent, WriteOptions } from '../disk-cloud.js';
import type { OpenstackCall, OpenstackClient } from './openstack.client.js';

/** One of the calls that a change is made of. */
export interface Part {
  readonly call: OpenstackCall;
  /** The answer that there is no such thing means that the part is done. */
  readonly absentIsDone?: boolean;
}

/**
 * Sends the parts of a change of one resource, one after the other. Once a part took effect, what later failed to is `unknown`,
 * never `not-now`.
 */
export const writeParts = async (
  client: OpenstackClient,
  cloudId: string,
  parts: readonly Part[],
  options: WriteOptions,
): Promise<Sent> => {
  const window = client.window(options);
  let requestId: string | null = null;
  for (const [index, { call, absentIsDone = false }] of parts.entries()) {
    const answer = await client.write(call, window);
    if ('kind' in answer) requestId = answer.requestId;
    else if (absentIsDone && answer.outcome === 'refused' && answer.reason === 'not-found') continue;
    else return index > 0 && answer.outcome === 'not-now' ? { outcome: 'unknown', fault: answer.fault } : answer;
  }
  return { outcome: 'accepted', jobId: null, cloudId, requestId };
};

/** Changes of metadata: each key that goes by itself, then all that stay in one call, which leaves the rest as it is. */
export const metadataParts = (
  metadata: Readonly<Record<string, string | null>>,
  {
    unset,
    set,
  }: {
    readonly unset: (key: string) => OpenstackCall;
    readonly set: (metadata: Readonly<Record<string, string | null>>) => OpenstackCall;
  },
): readonly Part[] => {
  const gone = Object.keys(metadata).filter((key) => metadata[key] === null);
  const kept = Object.entries(metadata).filter(([, value]) => value !== null);
  const parts: Part[] = gone.map((key) => ({ call: unset(key), absentIsDone: true }));
  return kept.length > 0 ? [...parts, { call: set(Object.fromEntries(kept)) }] : parts;
};
