import type { DiskCloud, Sent } from '@strata/cloud';
import { Carrier, type Found, type Look, type LookContext } from '@strata/operations';
import { RefreshInput } from '../disk-inputs.js';
import { sightingOf } from '../disk-sighting.js';

/** Looks once at the disk and tells what it saw. */
export class RefreshDisk extends Carrier<DiskCloud> {
  override readonly kind = 'disk.refresh';

  override send(): Promise<Sent> {
    throw new Error('a refresh sends nothing');
  }

  override lookUp(): Promise<Found> {
    throw new Error('a refresh has nothing to look up');
  }

  override async look(cloud: DiskCloud, context: LookContext): Promise<Look> {
    const { cloudId } = RefreshInput.parse(context.operation.input);
    const disk = await cloud.findDisk(cloudId);
    return { look: 'done', outcome: { sighting: disk === null ? null : { ...sightingOf(disk) } } };
  }
}
