import type { QuotaLedger } from '@strata/event-store';
import type { Refusal } from '@strata/kernel';
import type { KnownOperation, RetryAdmission } from '@strata/operations';
import type { BindingOffers } from '@strata/projects/http';
import { attachmentRefusal } from '../attach-disk/attachable.js';
import { CreateInput, ExtendInput, RetypeInput } from '../disk-inputs.js';
import { Admission } from './admission-desk.js';
import type { Catalogue } from './cloud-catalogue.js';
import { CloudOffers } from './cloud-offers.js';

/** Asking for the same again passes the desk that the first request passed: bounds, the cloud's offers and the binding's may have changed. */
export const retryAdmission = (catalogue: Catalogue, ledger: QuotaLedger, offers: BindingOffers): RetryAdmission => {
  const desk = new Admission(new CloudOffers(catalogue), ledger);
  return (operation) => refusalOf(desk, offers, operation);
};

const refusalOf = async (
  desk: Admission,
  offers: BindingOffers,
  { kind, projectId, bindingId, target, input }: KnownOperation,
): Promise<Refusal | undefined> => {
  if (target.type !== 'disk' || bindingId === null) return undefined;
  switch (kind) {
    case 'disk.create':
    case 'disk.recreate':
      return desk.newDisk(projectId, bindingId, CreateInput.parse(input));
    case 'disk.extend':
      return desk.size(projectId, ExtendInput.parse(input).sizeGiB);
    case 'disk.retype':
      return desk.type(bindingId, RetypeInput.parse(input));
    case 'disk.attach':
    case 'disk.detach':
      return attachmentRefusal(offers, bindingId);
    default:
      return undefined;
  }
};
