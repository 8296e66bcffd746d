import { OperationId, TransferId } from '@strata/kernel';
import { describe, it } from 'vitest';
import {
  atRest,
  create,
  deleting,
  extending,
  given,
  id,
  later,
  observed,
  provisioned,
  refreshing,
  requested,
  shownAs,
  sighting,
  sized,
  whole,
  work,
} from '../contract/disk-story.js';
import { diskEvent, type DiskCommand, type DiskEvent } from './index.js';

const fault = { code: 'stuck-in-cloud', title: 'The cloud does not bring it to an end' };
const left = (condition: string) => ({ cloudId: 'cloud-1', condition, cloudStatus: condition });
const stuck = (operationId: string, condition: string): DiskCommand => ({
  type: 'RecordQuarantined',
  ...{ operationId, fault, left: left(condition) },
});
const quarantined = (operationId: typeof create, condition: string, charges?: DiskEvent['charges']) =>
  diskEvent('DiskQuarantined', { operationId, fault, ...left(condition) }, charges ?? []);
const seen = (status: string, sizeGiB = 40): DiskCommand => ({
  type: 'RecordSeen',
  operationId: later,
  sighting: { ...sighting, status, cloudStatus: status, sizeGiB },
});
const refreshed = diskEvent('DiskRefreshEnded', { operationId: later });

describe('a disk whose work the cloud does not bring to an end', () => {
  const making = quarantined(create, 'creating', whole(-1, 1));

  it('is charged as in use while it is being made, and can only be looked at', () => {
    given(requested).when(stuck(create, 'creating')).then(making);
    given(requested, making).shows('error', 'refresh');
  });

  it('is charged as in use while it is being deleted', () => {
    const deletion = quarantined(later, 'deleting', whole(0, 1, -1));
    given(requested, provisioned, deleting).when(stuck(later, 'deleting')).then(deletion);
    given(requested, provisioned, deleting, deletion).shows('error', 'refresh');
  });

  it('hears of it only from the work under way', () => {
    given(requested, provisioned).when(stuck(create, 'creating')).then();
    given(requested, making).when(stuck(create, 'creating')).then();
  });

  it('takes nothing that would count on what is undecided, until it was seen what that came to', () => {
    const extension = quarantined(later, 'available');
    const undecided = ['extend', 'retype', 'transfer'];
    const without = atRest.filter((action) => !undecided.includes(action));
    const again = { operationId: OperationId.parse(id(14)), shownAs };
    const transferId = TransferId.parse(id(21));
    const moving = diskEvent('DiskRetypeRequested', { ...work, fromType: 'SSD', toType: 'ESSD' }, []);
    for (const begun of [extending, moving]) {
      const past = [requested, provisioned, begun, extension];
      given(...past).shows('error', ...without);
      given(...past)
        .when({ type: 'RequestExtension', sizeGiB: 100, work: again })
        .thenRefused('disk-not-ready');
      given(...past)
        .when({ type: 'RequestRetype', diskType: 'SAS', work: again })
        .thenRefused('disk-not-ready');
      given(...past)
        .when({ type: 'RequestOffer', transferId })
        .thenRefused('disk-not-ready');
    }
    given(requested, provisioned, extending, extension, observed({})).shows('available', ...atRest);
  });

  it('stays in quarantine while it is seen as before', () => {
    given(requested, making, refreshing).when(seen('creating')).then(refreshed);
  });

  it('is as it is seen once that is something else', () => {
    const mended = observed({});
    given(requested, making, refreshing).when(seen('available')).then(mended, refreshed);
    given(requested, making, mended).shows('available', ...atRest);
    given(requested, making, observed({ status: 'error', cloudStatus: 'error' })).shows('error', 'refresh', 'delete');
  });

  it('holds what an extension may still take until another state is seen', () => {
    const past = [requested, provisioned, extending];
    const extension = quarantined(later, 'extending');
    given(...past)
      .when(stuck(later, 'extending'))
      .then(extension);
    given(...past, extension, refreshing)
      .when(seen('extending'))
      .then(refreshed);
    given(...past, extension, refreshing)
      .when(seen('available', 100))
      .then(observed({ sizeGiB: 100 }, [...sized(60, -1), ...sized(60, 0, 1)]), refreshed);
  });
});
