import type { DiskCloud, RefusalReason, Sent } from '@strata/cloud';
import { Carrier, cloudRefusal, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { AdoptInput } from '../disk-inputs.js';
import { sightingOf } from '../disk-sighting.js';

/**
 * Marks a disk that is there already, so that a sweep knows it as ours. Looks first: what is gone, is going, or was marked by
 * somebody else since it was found is left alone.
 */
export class AdoptDisk extends Carrier<DiskCloud> {
  override readonly kind = 'disk.adopt';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId, name, markerBefore } = AdoptInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    if (disk === null) return refused('not-found', 'the disk is not there');
    if (disk.status === 'deleting') return refused('state-conflict', 'the disk is being deleted');
    if (disk.marker !== markerBefore && !isOwn(disk.marker, context))
      return refused('state-conflict', 'the disk was marked by somebody else since it was found');
    const marked = await cloud.markDisk(disk, context.marker, context);
    if (marked.outcome !== 'accepted' || name === null || name === disk.name) return marked;
    const renamed = await cloud.changeDisk(cloudId, { name }, context);
    // The marker stands: that nothing happened is no longer true.
    return renamed.outcome === 'not-now' ? { outcome: 'unknown', fault: renamed.fault } : renamed;
  }

  override async lookUp(cloud: DiskCloud, context: LookContext): Promise<Found> {
    const { cloudId, name } = AdoptInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    const effective = disk !== null && isOwn(disk.marker, context) && (name === null || disk.name === name);
    return effective ? { found: true, cloudId } : { found: false };
  }

  /** Synchronous in the cloud: what is seen now is what the log keeps. */
  override async look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId } = AdoptInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    return disk === null
      ? { look: 'failed', error: cloudRefusal('not-found', faultOf('not-found', 'the disk is not there')), left: {} }
      : { look: 'done', outcome: { sighting: sightingOf(disk) } };
  }
}

/** Of whichever attempt. */
const isOwn = (marker: string | null, { operation }: Pick<SendContext, 'operation'>): boolean =>
  marker?.startsWith(`${operation.operationId}.`) ?? false;

const faultOf = (code: string, message: string) => ({ code, message, requestId: null });

const refused = (reason: RefusalReason, message: string): Sent => ({
  outcome: 'refused',
  reason,
  fault: faultOf(reason, message),
});
