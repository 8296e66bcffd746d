import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';

/** The documents name two paths for the same call (EVS reference §1.7). */
export type RollbackPath = 'cloudsnapshots' | 'os-vendor-snapshots';

/** What the gateway says of a call that it does not know (EVS reference §1.7). */
const unknownCall = 'APIG.0101';

/** N16. A cloud that does not offer it refuses as an unknown API. */
export const rollBackSnapshot = async (
  client: EvsClient,
  { cloudId, cloudDiskId, at }: { readonly cloudId: string; readonly cloudDiskId: string; readonly at: RollbackPath },
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/${at}/${segment(cloudId)}/rollback`;
  const call = { method: 'POST', version: 'v2', path, body: { rollback: { volume_id: cloudDiskId } } } as const;
  const answer = await client.write(call, client.window(options));
  if ('kind' in answer) return { outcome: 'accepted', jobId: null, cloudId: cloudDiskId, requestId: answer.requestId };
  const isUnknown = answer.outcome === 'refused' && answer.fault.code === unknownCall;
  return isUnknown ? { ...answer, reason: 'rollback-not-offered' } : answer;
};
