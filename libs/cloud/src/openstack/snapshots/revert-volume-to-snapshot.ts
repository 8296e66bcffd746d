import type { Sent, WriteOptions } from '../../disk-cloud.js';
import { ownFault } from '../../wire/outcome.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { isTooNew } from '../openstack.faults.js';

/** Since this version a volume can be reverted. */
const reverts = '3.40';

/** The action `revert`: to the newest snapshot of the volume only, and only while the volume has the size that it had then. */
export const revertToSnapshot = async (
  client: OpenstackClient,
  { cloudId, cloudDiskId }: { readonly cloudId: string; readonly cloudDiskId: string },
  options: WriteOptions,
): Promise<Sent> => {
  const path = `/volumes/${segment(cloudDiskId)}/action`;
  const call = { method: 'POST', path, body: { revert: { snapshot_id: cloudId } }, microversion: reverts } as const;
  const answer = await client.write(call, client.window(options));
  if ('kind' in answer) return { outcome: 'accepted', jobId: null, cloudId: cloudDiskId, requestId: answer.requestId };
  if (answer.outcome !== 'refused' || !isTooNew(answer.fault)) return answer;
  const fault = ownFault('no-revert', `this Cinder knows no microversion ${reverts}`, answer.fault.requestId);
  return { outcome: 'refused', reason: 'rollback-not-offered', fault };
};
