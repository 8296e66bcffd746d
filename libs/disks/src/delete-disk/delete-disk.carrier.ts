import type { CloudFault, DiskCloud, Sent } from '@strata/cloud';
import {
  cloudFailed,
  vendorNeeded,
  type Found,
  type Look,
  type LookContext,
  type SendContext,
} from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import { DeleteInput } from '../disk-inputs.js';
import { brokenAs, stateFault } from '../disk-sighting.js';
import { SnapshotsLeft } from './snapshots-left.js';

/** Ends when absence was observed, whatever a job says (architecture §3). Already gone is done. */
export class DeleteDisk extends DiskCarrier {
  override readonly kind = 'disk.delete';
  private readonly snapshots = new SnapshotsLeft();

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId } = DeleteInput.parse(context.operation.input);
    const others = await this.snapshots.leftOn(cloud, cloudId);
    if (others > 0) return { outcome: 'refused', reason: 'state-conflict', fault: hasSnapshots(others) };
    const sent = await cloud.deleteDisk(cloudId, context);
    if (sent.outcome !== 'refused') return sent;
    const taken = { outcome: 'accepted', jobId: null, cloudId, requestId: sent.fault.requestId } as const;
    if (sent.reason === 'not-found') return taken;
    // Refused for its state: that may be the deletion of an earlier attempt at work.
    const disk = await cloud.findDisk(cloudId);
    return disk === null || disk.status === 'deleting' ? taken : sent;
  }

  override async lookUp(cloud: DiskCloud, context: LookContext): Promise<Found> {
    const { cloudId } = DeleteInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    const effective = disk === null || disk.status === 'deleting' || disk.status === 'error-deleting';
    return effective ? { found: true, cloudId } : { found: false };
  }

  override async look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId } = DeleteInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    if (disk === null) return { look: 'done', outcome: {} };
    if (disk.status === 'deleting') return { look: 'pending', state: 'running', cloudId };
    if (disk.status === 'error-deleting')
      return { look: 'failed', error: vendorNeeded(cloudFailed(stateFault(disk))), left: brokenAs(disk) };
    // Neither gone nor going: the job knows whether it has begun, or has failed without a trace.
    const job = context.jobId === null ? undefined : await cloud.lookAtJob(context.jobId);
    return job?.state === 'failed'
      ? { look: 'failed', error: cloudFailed(job.fault), left: {} }
      : { look: 'pending', state: 'waiting', cloudId };
  }
}

const hasSnapshots = (count: number): CloudFault => ({
  code: 'has-snapshots',
  message: `it has ${count} snapshots, which would be deleted with it`,
  requestId: null,
});
