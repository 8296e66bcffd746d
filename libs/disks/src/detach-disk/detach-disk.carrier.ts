import type { CloudDisk, CloudFault, DiskCloud, Sent } from '@strata/cloud';
import { cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import { DetachInput } from '../disk-inputs.js';
import { stateFault } from '../disk-sighting.js';
import { lookAtJob } from '../job-look.js';

const isAttachedTo = (disk: CloudDisk, serverId: string): boolean =>
  disk.attachments.some((attachment) => attachment.serverId === serverId);

/** EVS reference §1.6. From the same server twice does no harm: not attached there any more is done. */
export class DetachDisk extends DiskCarrier {
  override readonly kind = 'disk.detach';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, serverId } = DetachInput.parse(context.operation.input);
    const sent = await cloud.detachDisk(cloudId, serverId, context);
    if (sent.outcome !== 'refused' || context.operation.attempts <= 1) return sent;
    // A refusal of a repetition may only mean that the attempt before had its effect after all.
    const { found } = await this.lookUp(cloud, context);
    return found ? { outcome: 'accepted', jobId: null, cloudId, requestId: sent.fault.requestId } : sent;
  }

  override async lookUp(cloud: DiskCloud, { operation }: Pick<LookContext, 'operation'>): Promise<Found> {
    const { cloudId, serverId } = DetachInput.parse(operation.input);
    const disk = await cloud.findDisk(cloudId);
    const effective = disk !== null && (!isAttachedTo(disk, serverId) || disk.status === 'detaching');
    return effective ? { found: true, cloudId } : { found: false };
  }

  override look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId } = DetachInput.parse(context.operation.input);
    return lookAtJob(cloud, context, cloudId, {
      succeeded: (tookMs) => Promise.resolve({ look: 'done', outcome: {}, tookMs }),
      failed: (fault) => Promise.resolve({ look: 'failed', error: cloudFailed(fault), left: {} }),
      unheardOf: () => this.lookAtDisk(cloud, context),
    });
  }

  private async lookAtDisk(cloud: DiskCloud, { operation }: LookContext): Promise<Look> {
    const { cloudId, serverId } = DetachInput.parse(operation.input);
    const disk = await cloud.findDisk(cloudId);
    if (disk === null) return { look: 'pending', state: 'waiting', cloudId };
    if (disk.status.startsWith('error')) return { look: 'failed', error: cloudFailed(stateFault(disk)), left: {} };
    if (!isAttachedTo(disk, serverId) && disk.status !== 'detaching') return { look: 'done', outcome: {} };
    const untouched = isOfOne(disk) && { untouched: cloudFailed(stillAttached(serverId)) };
    return { look: 'pending', state: 'running', cloudId, ...untouched };
  }
}

/** At rest. One that several servers have says nothing: it may be `in-use` while it leaves one of them. */
const isOfOne = ({ status, attachments }: CloudDisk): boolean => status === 'in-use' && attachments.length === 1;

const stillAttached = (serverId: string): CloudFault => ({
  code: 'still-attached',
  message: `the disk is in use and still attached to server ${serverId}`,
  requestId: null,
});
