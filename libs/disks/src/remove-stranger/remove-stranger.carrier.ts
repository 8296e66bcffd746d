import type { CloudDisk, CloudFault, CloudSnapshot, DiskCloud, Sent } from '@strata/cloud';
import { Carrier, cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { RemoveStrangerInput } from './remove-stranger.input.js';

type Seen = CloudDisk | CloudSnapshot;

/** States in which the cloud accepts a deletion (EVS reference §2.1, §2.2). */
const removable = new Set<Seen['status']>(['available', 'error', 'error-extending']);

/** Ends when absence was observed. Already gone is done. */
export class RemoveStranger extends Carrier<DiskCloud> {
  override readonly kind = 'finding.remove';

  /** Two people approved what they saw: whatever is not that any more is left alone. */
  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const input = RemoveStrangerInput.parse(context.operation.input);
    const { cloudId, resource } = input;
    const seen = await find(cloud, input);
    if (seen === null) return { outcome: 'accepted', jobId: null, cloudId, requestId: null };
    const objection = objectionTo(seen, input) ?? (await snapshotsOn(cloud, input));
    if (objection !== undefined) return { outcome: 'refused', reason: 'state-conflict', fault: leftAlone(objection) };
    return resource === 'disk'
      ? cloud.deleteDisk(cloudId, context)
      : (cloud.snapshots?.deleteSnapshot(cloudId, context) ?? {
          ...{ outcome: 'refused', reason: 'snapshots-not-offered' },
          fault: leftAlone('the cloud of the binding offers no snapshots'),
        });
  }

  override async lookUp(cloud: DiskCloud, { operation }: LookContext): Promise<Found> {
    const input = RemoveStrangerInput.parse(operation.input);
    const seen = await find(cloud, input);
    const effective = seen === null || seen.status === 'deleting' || seen.status === 'error-deleting';
    return effective ? { found: true, cloudId: input.cloudId } : { found: false };
  }

  override async look(cloud: DiskCloud, { operation, jobId }: LookContext): Promise<Look> {
    const input = RemoveStrangerInput.parse(operation.input);
    const { cloudId } = input;
    const seen = await find(cloud, input);
    if (seen === null) return { look: 'done', outcome: {} };
    if (seen.status === 'deleting') return { look: 'pending', state: 'running', cloudId };
    if (seen.status === 'error-deleting')
      return { look: 'failed', error: cloudFailed(leftAlone(`it is in state ${seen.cloudStatus}`)), left: {} };
    const job = jobId === null ? undefined : await cloud.lookAtJob(jobId);
    return job?.state === 'failed'
      ? { look: 'failed', error: cloudFailed(job.fault), left: {} }
      : { look: 'pending', state: 'waiting', cloudId };
  }
}

const find = async (cloud: DiskCloud, { cloudId, resource }: RemoveStrangerInput): Promise<Seen | null> =>
  resource === 'disk' ? cloud.findDisk(cloudId) : ((await cloud.snapshots?.findSnapshot(cloudId)) ?? null);

const leftAlone = (message: string): CloudFault => ({ code: 'left-alone', message, requestId: null });

const objectionTo = (now: Seen, { seen }: RemoveStrangerInput): string | undefined => {
  if ('attachments' in now && now.attachments.length > 0) return 'it is attached to a server';
  if (!removable.has(now.status)) return `it is in state ${now.cloudStatus}`;
  const changed = (['name', 'sizeGiB', 'marker', 'createdAt'] as const).filter(
    (member) => now[member] !== seen[member],
  );
  return changed.length > 0 ? `it was changed since it was approved: ${changed.join(', ')}` : undefined;
};

/** The cloud would remove them with the disk (EVS reference §1.5), and nobody approved of that. */
const snapshotsOn = async ({ snapshots }: DiskCloud, { cloudId, resource }: RemoveStrangerInput) => {
  const found = resource === 'disk' ? await snapshots?.findSnapshotsOfDisk(cloudId) : undefined;
  return found !== undefined && found.length > 0 ? `it has snapshots: remove ${found.length} first` : undefined;
};
