import type { CloudDisk, DiskCloud, NewCloudDisk, Sent } from '@strata/cloud';
import {
  cloudFailed,
  creationLeftInError,
  type Found,
  type Look,
  type LookContext,
  type SendContext,
  vanished,
} from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import { CreateInput, SourcedInput } from '../disk-inputs.js';
import { stateFault } from '../disk-sighting.js';
import type { DiskSource } from '../disk/disk.events.js';

/** EVS reference §1.4: the answer names a job; the disk's id comes from the job; the data is there when it says SUCCESS. */
export class CreateDisk extends DiskCarrier {
  override readonly kind: string = 'disk.create';
  override readonly onlyJobTells = true;

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { diskId: _own, source, sourceCloudId, ...disk } = CreateInput.parse(context.operation.input);
    return cloud.createDisk({ marker: context.marker, ...disk, ...sourceOf(source, sourceCloudId) }, context);
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
          : { look: 'done', outcome: await this.made(cloud, context, job.cloudId), tookMs: job.tookMs };
      case 'failed': {
        const leftId = job.cloudId ?? context.cloudId;
        const left = leftId === null ? null : await cloud.findDisk(leftId);
        return left === null
          ? { look: 'failed', error: cloudFailed(job.fault), left: {} }
          : { look: 'failed', error: creationLeftInError(job.fault), left: { cloudId: left.cloudId } };
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
    if (disk === null)
      return { look: 'pending', state: 'waiting', cloudId, ...(cloudId !== null && { untouched: vanished }) };
    if (disk.status === 'available' || disk.status === 'in-use')
      return { look: 'done', outcome: { cloudId: disk.cloudId, ...inheritedBy(disk, context) } };
    if (disk.status.startsWith('error'))
      return { look: 'failed', error: creationLeftInError(stateFault(disk)), left: { cloudId: disk.cloudId } };
    return { look: 'pending', state: 'running', cloudId: disk.cloudId };
  }

  /** A job does not say what the disk has from its source. */
  private async made(cloud: DiskCloud, context: LookContext, cloudId: string) {
    const disk = hasSource(context) ? await cloud.findDisk(cloudId) : null;
    return { cloudId, ...(disk && inheritedBy(disk, context)) };
  }

  private async find(cloud: DiskCloud, context: LookContext, cloudId: string | null): Promise<CloudDisk | null> {
    if (cloudId !== null) return cloud.findDisk(cloudId);
    const [found] = await cloud.findDisksByMarker(context.marker, context.since);
    return found ?? null;
  }
}

const sourceOf = (
  source: DiskSource | undefined,
  snapshotCloudId: string | undefined,
): Pick<NewCloudDisk, 'source'> => {
  if (source !== undefined && 'imageId' in source) return { source };
  return snapshotCloudId === undefined ? {} : { source: { snapshotCloudId } };
};

const hasSource = ({ operation }: LookContext): boolean => SourcedInput.parse(operation.input).source !== undefined;

const inheritedBy = ({ bootable, encrypted }: CloudDisk, context: LookContext) =>
  hasSource(context) ? { inherited: { bootable, encrypted } } : {};
