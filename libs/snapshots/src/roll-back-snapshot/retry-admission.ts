import type { RetryAdmission } from '@strata/operations';
import type { BindingOffers } from '@strata/projects/http';

/** Asking for the same again: the binding may have changed since. */
export const rollbackAdmission =
  (offers: BindingOffers): RetryAdmission =>
  async ({ kind, bindingId }) =>
    kind === 'snapshot.rollback' && bindingId !== null && (await offers.isWithheld('roll-back', bindingId))
      ? { type: 'rollback-not-offered' }
      : undefined;
