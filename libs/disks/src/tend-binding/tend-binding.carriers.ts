import type { DiskCloud, Sent } from '@strata/cloud';
import { bindingUnusable, Carrier, type Found, type Look, type LookContext } from '@strata/operations';
import type { SweepReport } from '../sweep-disks/sweep.ports.js';

/** A kind that only looks: nothing is sent, so nothing can be lost. */
abstract class LookingCarrier extends Carrier<DiskCloud> {
  override send(): Promise<Sent> {
    throw new Error(`${this.kind} sends nothing`);
  }

  override lookUp(): Promise<Found> {
    throw new Error(`${this.kind} has nothing to look up`);
  }
}

/** Logs in and reads something small. */
export class CheckBinding extends LookingCarrier {
  override readonly kind = 'binding.check';

  override async look(cloud: DiskCloud): Promise<Look> {
    const checked = await cloud.check();
    return checked.ok
      ? { look: 'done', outcome: { ok: true } }
      : { look: 'failed', error: bindingUnusable(checked.fault), left: {} };
  }
}

/** Compares the whole cloud project with the log, now. */
export class SweepBinding extends LookingCarrier {
  override readonly kind = 'binding.sweep';

  constructor(private readonly sweep: (cloud: DiskCloud, bindingId: string) => Promise<SweepReport>) {
    super();
  }

  override async look(cloud: DiskCloud, { operation }: LookContext): Promise<Look> {
    const { bindingId } = operation;
    if (bindingId === null) throw new Error('a sweep is of a binding');
    return { look: 'done', outcome: { ...(await this.sweep(cloud, bindingId)) } };
  }
}
