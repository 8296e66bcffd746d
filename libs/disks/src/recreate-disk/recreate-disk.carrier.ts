import type { DiskCloud, Sent } from '@strata/cloud';
import type { SendContext } from '@strata/operations';
import { RecreateInput } from '../disk-inputs.js';
import { CreateDisk } from '../request-disk/create-disk.carrier.js';

const fault = {
  code: 'not-gone',
  message: 'the cloud knows the disk again: refresh it, and use it as it is',
  requestId: null,
};

/** As a create, once a look has shown that the disk is gone indeed. */
export class RecreateDisk extends CreateDisk {
  override readonly kind = 'disk.recreate';

  override async send(cloud: DiskCloud, context: SendContext): Promise<Sent> {
    const { cloudId } = RecreateInput.parse(context.operation.input);
    const isBack = (await cloud.findDisk(cloudId)) !== null;
    return isBack ? { outcome: 'refused', reason: 'state-conflict', fault } : super.send(cloud, context);
  }
}
