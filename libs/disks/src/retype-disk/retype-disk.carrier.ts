import type { CloudDisk, CloudFault, DiskCloud, Sent } from '@strata/cloud';
import { cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import { RetypeInput } from '../disk-inputs.js';
import { stateFault } from '../disk-sighting.js';
import { lookAtJob } from '../job-look.js';

/** Each attempt is an event: in the day that it is given there are fewer than fifty (architecture §3). */
const longestPauseMs = 60 * 60_000;

/** A disk was at rest before it was sent: a state that we do not know is that of the retype, whose word is not documented. */
const isAtWork = ({ status }: CloudDisk): boolean => status === 'retyping' || status === 'unknown';

/** EVS reference §1.5. To the same type twice does no harm: already that type is done. */
export class RetypeDisk extends DiskCarrier {
  override readonly kind = 'disk.retype';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, type } = RetypeInput.parse(context.operation.input);
    const sent = await cloud.retypeDisk(cloudId, type, context);
    const { attempts } = context.operation;
    if (sent.outcome === 'not-now') {
      // Others have to end first, which takes hours too.
      const pauseMs = Math.min(1_000 * 2 ** attempts, longestPauseMs);
      return { ...sent, retryAfterMs: Math.max(sent.retryAfterMs ?? 0, pauseMs) };
    }
    if (sent.outcome !== 'refused' || attempts <= 1) return sent;
    // A refusal of a repetition may only mean that the attempt before had its effect after all.
    const { found } = await this.lookUp(cloud, context);
    return found ? { outcome: 'accepted', jobId: null, cloudId, requestId: sent.fault.requestId } : sent;
  }

  override async lookUp(cloud: DiskCloud, { operation }: Pick<LookContext, 'operation'>): Promise<Found> {
    const { cloudId, type } = RetypeInput.parse(operation.input);
    const disk = await cloud.findDisk(cloudId);
    const effective = disk !== null && (disk.type === type || isAtWork(disk));
    return effective ? { found: true, cloudId } : { found: false };
  }

  override look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId } = RetypeInput.parse(context.operation.input);
    return lookAtJob(cloud, context, cloudId, {
      succeeded: (tookMs) => Promise.resolve({ look: 'done', outcome: {}, tookMs }),
      failed: (fault) => Promise.resolve({ look: 'failed', error: cloudFailed(fault), left: {} }),
      unheardOf: () => this.lookAtDisk(cloud, context),
    });
  }

  private async lookAtDisk(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId, type } = RetypeInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    if (disk === null) return { look: 'pending', state: 'waiting', cloudId };
    if (disk.status.startsWith('error')) return { look: 'failed', error: cloudFailed(stateFault(disk)), left: {} };
    if (isAtWork(disk)) return { look: 'pending', state: 'running', cloudId };
    if (disk.type === type) return { look: 'done', outcome: {} };
    const error = cloudFailed(typeUnchanged(disk));
    return wasAtWork(context)
      ? { look: 'failed', error, left: {} }
      : { look: 'pending', state: 'waiting', cloudId, untouched: error };
  }
}

/** As an earlier look saw the disk. Where there is a job, what was seen may have been its state. */
const wasAtWork = ({ operation }: LookContext): boolean =>
  operation.status === 'running' &&
  operation.phase === 'accepted' &&
  operation.jobId === null &&
  operation.state === 'running';

const typeUnchanged = ({ type, cloudStatus }: CloudDisk): CloudFault => ({
  code: 'type-unchanged',
  message: `the disk is ${cloudStatus} again and still of type ${type}`,
  requestId: null,
});
