import type { CloudDisk, CloudFault, DiskCloud, Sent } from '@strata/cloud';
import { cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import { AttachInput } from '../disk-inputs.js';
import { stateFault } from '../disk-sighting.js';
import { lookAtJob } from '../job-look.js';

const attachmentTo = (disk: CloudDisk | null, serverId: string) =>
  disk?.attachments.find((attachment) => attachment.serverId === serverId);

/** EVS reference §1.6. To the same server twice does no harm: attached there already is done. */
export class AttachDisk extends DiskCarrier {
  override readonly kind = 'disk.attach';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, serverId, device } = AttachInput.parse(context.operation.input);
    const sent = await cloud.attachDisk(cloudId, serverId, device, context);
    if (sent.outcome !== 'refused') return sent;
    if (sent.reason === 'not-found') return this.namingWhatIsMissing(cloud, sent, cloudId, serverId);
    if (context.operation.attempts <= 1) return sent;
    // A refusal of a repetition may only mean that the attempt before had its effect after all.
    const { found } = await this.lookUp(cloud, context);
    return found ? { outcome: 'accepted', jobId: null, cloudId, requestId: sent.fault.requestId } : sent;
  }

  override async lookUp(cloud: DiskCloud, { operation }: Pick<LookContext, 'operation'>): Promise<Found> {
    const { cloudId, serverId } = AttachInput.parse(operation.input);
    const disk = await cloud.findDisk(cloudId);
    const effective = attachmentTo(disk, serverId) !== undefined || disk?.status === 'attaching';
    return effective ? { found: true, cloudId } : { found: false };
  }

  override look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId, serverId } = AttachInput.parse(context.operation.input);
    return lookAtJob(cloud, context, cloudId, {
      succeeded: async (tookMs) => {
        const device = attachmentTo(await cloud.findDisk(cloudId), serverId)?.device ?? null;
        return { look: 'done', outcome: { device }, tookMs };
      },
      failed: (fault) => Promise.resolve({ look: 'failed', error: cloudFailed(fault), left: {} }),
      unheardOf: () => this.lookAtDisk(cloud, context),
    });
  }

  /** The cloud says only that something is not there: it is the server, if the disk is. */
  private async namingWhatIsMissing(
    cloud: DiskCloud,
    refused: Extract<Sent, { outcome: 'refused' }>,
    cloudId: string,
    serverId: string,
  ): Promise<Sent> {
    if ((await cloud.findDisk(cloudId)) === null) return refused;
    const message = `the cloud project has no server ${serverId}`;
    return { ...refused, reason: 'invalid', fault: { ...refused.fault, message } };
  }

  private async lookAtDisk(cloud: DiskCloud, { operation }: LookContext): Promise<Look> {
    const { cloudId, serverId } = AttachInput.parse(operation.input);
    const disk = await cloud.findDisk(cloudId);
    if (disk === null) return { look: 'pending', state: 'waiting', cloudId };
    if (disk.status.startsWith('error')) return { look: 'failed', error: cloudFailed(stateFault(disk)), left: {} };
    const attachment = attachmentTo(disk, serverId);
    if (attachment && disk.status !== 'attaching') return { look: 'done', outcome: { device: attachment.device } };
    const untouched = isFree(disk) && { untouched: cloudFailed(notAttached(serverId)) };
    return { look: 'pending', state: 'running', cloudId, ...untouched };
  }
}

/** The cloud reserves a disk before anything else. One that others have says nothing: it may be `in-use` all the while. */
const isFree = ({ status }: CloudDisk): boolean => status === 'available';

const notAttached = (serverId: string): CloudFault => ({
  code: 'not-attached',
  message: `the disk is available and not attached to server ${serverId}`,
  requestId: null,
});
