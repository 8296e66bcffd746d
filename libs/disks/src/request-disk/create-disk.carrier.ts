import type { CloudDisk, DiskCloud, Sent } from '@strata/cloud';
import { Carrier, cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { CreateInput } from '../disk-inputs.js';
import { stateFault } from '../disk-sighting.js';

/** EVS reference §1.4: the answer names a job; the disk's id comes from the job; the data is there when it says SUCCESS. */
export class CreateDisk extends Carrier<DiskCloud> {
  override readonly kind = 'disk.create';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { diskId: _own, source: _named, sourceCloudId, ...disk } = CreateInput.parse(context.operation.input);
    const source = sourceCloudId === undefined ? {} : { source: { snapshotCloudId: sourceCloudId } };
    return cloud.createDisk({ marker: context.marker, ...disk, ...source }, context);
  }

  override async lookUp(cloud: DiskCloud, { marker, since }: LookContext): Promise<Found> {
    const [found] = await cloud.findDisksByMarker(marker, since);
    return found === undefined ? { found: false } : { found: true, cloudId: found.cloudId };
  }

  override async look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    if (context.jobId === null) return this.lookAtDisk(cloud, context, context.cloudId);
    const job = await cloud.lookAtJob(context.jobId);
    switch (job.state) {
      case 'waiting':
      case 'running':
        return { look: 'pending', state: job.state, cloudId: job.cloudId };
      case 'succeeded':
        return job.cloudId === null
          ? this.lookAtDisk(cloud, context, context.cloudId)
          : { look: 'done', outcome: { cloudId: job.cloudId }, tookMs: job.tookMs };
      case 'failed': {
        const leftId = job.cloudId ?? context.cloudId;
        const left = leftId === null ? null : await cloud.findDisk(leftId);
        return { look: 'failed', error: cloudFailed(job.fault), left: left === null ? {} : { cloudId: left.cloudId } };
      }
      case 'unheard-of':
        return this.lookAtDisk(cloud, context, context.cloudId);
    }
  }

  override showsAs({ marker }: Pick<LookContext, 'marker'>): string | null {
    return marker === '' ? null : marker;
  }

  /** Without a job to ask (adopted after a lost answer, or the job was forgotten) the state of the disk decides. */
  private async lookAtDisk(cloud: DiskCloud, context: LookContext, cloudId: string | null): Promise<Look> {
    const disk = await this.find(cloud, context, cloudId);
    if (disk === null) return { look: 'pending', state: 'waiting', cloudId };
    if (disk.status === 'available' || disk.status === 'in-use')
      return { look: 'done', outcome: { cloudId: disk.cloudId } };
    if (disk.status.startsWith('error'))
      return { look: 'failed', error: cloudFailed(stateFault(disk)), left: { cloudId: disk.cloudId } };
    return { look: 'pending', state: 'running', cloudId: disk.cloudId };
  }

  private async find(cloud: DiskCloud, context: LookContext, cloudId: string | null): Promise<CloudDisk | null> {
    if (cloudId !== null) return cloud.findDisk(cloudId);
    const [found] = await cloud.findDisksByMarker(context.marker, context.since);
    return found ?? null;
  }
}
