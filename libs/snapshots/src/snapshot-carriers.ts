import type { DiskCloud } from '@strata/cloud';
import type { Carrier } from '@strata/operations';
import { ChangeSnapshot } from './change-snapshot/change-snapshot.carrier.js';
import { DeleteSnapshot } from './delete-snapshot/delete-snapshot.carrier.js';
import { CreateSnapshot } from './request-snapshot/create-snapshot.carrier.js';
import { RollBackSnapshot } from './roll-back-snapshot/roll-back-snapshot.carrier.js';

/** For the worker: how each kind is carried out. */
export const snapshotCarriers = (): readonly Carrier<DiskCloud>[] => [
  new CreateSnapshot(),
  new ChangeSnapshot(),
  new DeleteSnapshot(),
  new RollBackSnapshot(),
];
