import type { CloudDisk, CloudFault, DiskCloud, Sent } from '@strata/cloud';
import {
  cloudFailed,
  leftInError,
  type Found,
  type Look,
  type LookContext,
  type SendContext,
} from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import { ExtendInput } from '../disk-inputs.js';
import { lookAtJob } from '../job-look.js';
import { brokenAs, stateFault } from '../disk-sighting.js';

/** EVS reference §1.5. To the same size twice does no harm: already that size is done. */
export class ExtendDisk extends DiskCarrier {
  override readonly kind = 'disk.extend';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, sizeGiB } = ExtendInput.parse(context.operation.input);
    const sent = await cloud.extendDisk(cloudId, sizeGiB, context);
    if (sent.outcome !== 'refused' || context.operation.attempts <= 1) return sent;
    // A refusal of a repetition may only mean that the attempt before had its effect after all.
    const disk = await cloud.findDisk(cloudId);
    return disk !== null && (disk.sizeGiB >= sizeGiB || disk.status === 'extending')
      ? { outcome: 'accepted', jobId: null, cloudId, requestId: sent.fault.requestId }
      : sent;
  }

  override async lookUp(cloud: DiskCloud, context: LookContext): Promise<Found> {
    const { cloudId, sizeGiB } = ExtendInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    const effective = disk !== null && (disk.sizeGiB >= sizeGiB || disk.status.includes('extending'));
    return effective ? { found: true, cloudId } : { found: false };
  }

  override look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId, sizeGiB } = ExtendInput.parse(context.operation.input);
    return lookAtJob(cloud, context, cloudId, {
      succeeded: (tookMs) => Promise.resolve({ look: 'done', outcome: {}, tookMs }),
      failed: async (fault) => {
        const disk = await cloud.findDisk(cloudId);
        if (disk?.status.startsWith('error'))
          return { look: 'failed', error: leftInError(fault), left: brokenAs(disk) };
        // The disk tells more than its job: what it has grown by is not to be let go of.
        if (disk?.status === 'extending') return { look: 'pending', state: 'running', cloudId };
        return disk !== null && disk.sizeGiB >= sizeGiB
          ? { look: 'done', outcome: {} }
          : { look: 'failed', error: cloudFailed(fault), left: {} };
      },
      unheardOf: () => this.lookAtDisk(cloud, context),
    });
  }

  private async lookAtDisk(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId, sizeGiB } = ExtendInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    if (disk === null) return { look: 'pending', state: 'waiting', cloudId };
    if (disk.status.startsWith('error'))
      return { look: 'failed', error: leftInError(stateFault(disk)), left: brokenAs(disk) };
    if (disk.status !== 'extending' && disk.sizeGiB >= sizeGiB) return { look: 'done', outcome: {} };
    const untouched = isAtRest(disk) && { untouched: cloudFailed(sizeUnchanged(disk)) };
    return { look: 'pending', state: 'running', cloudId, ...untouched };
  }
}

const isAtRest = ({ status }: CloudDisk): boolean => status === 'available' || status === 'in-use';

const sizeUnchanged = ({ sizeGiB, cloudStatus }: CloudDisk): CloudFault => ({
  code: 'size-unchanged',
  message: `the disk is ${cloudStatus} and still of ${sizeGiB} GiB`,
  requestId: null,
});
