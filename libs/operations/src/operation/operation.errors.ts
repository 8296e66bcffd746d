import type { CloudFault, RefusalReason } from '@strata/cloud';
import type { OperationError } from './operation.events.js';
import type { Operation } from './operation.js';

type Wording = Pick<OperationError, 'title' | 'owner' | 'remedy' | 'retryable'>;

/** What a refusal of the cloud means to the people who asked. */
const refusals: Readonly<Record<RefusalReason, Wording & { readonly code: string }>> = {
  'cloud-quota-exceeded': {
    code: 'cloud-quota-exceeded',
    title: 'The cloud project has no room left for this',
    owner: 'platform',
    remedy: 'Ask the platform team to have the cloud quota raised, or free what is not needed; then retry.',
    retryable: true,
  },
  'not-found': {
    code: 'not-found-in-cloud',
    title: 'The cloud does not know the resource',
    owner: 'platform',
    remedy: 'Refresh the resource; it may have been removed outside Strata.',
    retryable: false,
  },
  'state-conflict': {
    code: 'cloud-state-conflict',
    title: 'The state of the resource in the cloud does not allow it',
    owner: 'you',
    remedy: 'Refresh the resource, bring it into a fitting state, then retry.',
    retryable: true,
  },
  invalid: {
    code: 'refused-by-cloud',
    title: 'The cloud found the request invalid',
    owner: 'you',
    remedy: 'Read the message of the cloud and ask for something else.',
    retryable: false,
  },
  'type-unavailable': {
    code: 'disk-type-unavailable',
    title: 'The cloud does not offer this disk type there',
    owner: 'you',
    remedy: 'Choose another type or availability zone.',
    retryable: false,
  },
  'zone-unavailable': {
    code: 'zone-unavailable',
    title: 'The cloud does not offer this availability zone',
    owner: 'you',
    remedy: 'Choose another availability zone.',
    retryable: false,
  },
  forbidden: {
    code: 'forbidden-by-cloud',
    title: 'The credentials of the binding may not do this',
    owner: 'platform',
    remedy: 'The platform team has to grant the right to the credentials of the binding; then retry.',
    retryable: true,
  },
  'image-forbidden': {
    code: 'image-forbidden-by-cloud',
    title: 'The credentials of the binding may not make a disk of the image',
    owner: 'platform',
    remedy:
      'The platform team has to let the credentials of the binding read images (`ims:images:get`), and make disks ' +
      '(`evs:volumes:create`) where they may not; then retry.',
    retryable: true,
  },
  'snapshots-not-offered': {
    code: 'snapshots-not-offered',
    title: 'The cloud of the binding offers no snapshots',
    owner: 'platform',
    remedy: 'Use a project whose binding leads to a cloud with snapshots.',
    retryable: false,
  },
  'rollback-not-offered': {
    code: 'rollback-not-offered',
    title: 'The cloud of the binding does not offer to roll back',
    owner: 'platform',
    remedy: 'Request a new disk from the snapshot instead; the platform team can ask the cloud for the call.',
    retryable: false,
  },
  'images-not-offered': {
    code: 'images-not-offered',
    title: 'The cloud of the binding makes no images',
    owner: 'platform',
    remedy:
      'The platform team can name the service of images (`endpoints.ims`) in a binding of kind `evs`; then retry.',
    retryable: true,
  },
  'not-handed-over': {
    code: 'transfer-not-ready',
    title: 'The cloud does not hand the disk over as it is',
    owner: 'you',
    remedy: 'Ask whoever offers the disk to look at it, then accept the transfer again with its code.',
    retryable: false,
  },
  other: {
    code: 'refused-by-cloud',
    title: 'The cloud refused',
    owner: 'cloud',
    remedy: 'Read the message of the cloud; retry when its cause is gone.',
    retryable: true,
  },
};

export const cloudRefusal = (reason: RefusalReason, fault: CloudFault): OperationError => ({
  ...refusals[reason],
  cloud: { ...fault },
});

/** The cloud took the work and its job failed. */
export const cloudFailed = (fault: CloudFault): OperationError => ({
  code: 'failed-in-cloud',
  title: 'The cloud could not carry it out',
  owner: 'cloud',
  remedy: 'Read the message of the cloud; retry when its cause is gone.',
  retryable: true,
  cloud: { ...fault },
});

/** What was being made is not there: removed by others, or never kept. */
export const vanished: OperationError = cloudFailed({
  code: 'not-found',
  message: 'the cloud has named it, and does not know it',
  requestId: null,
});

/** What was to be made was left in error, and stands in the way of another attempt. */
export const creationLeftInError = (fault: CloudFault): OperationError => ({
  ...cloudFailed(fault),
  remedy: 'Delete what was left in error, then ask for it anew.',
  retryable: false,
});

/** What was to be changed was left in error, which allows no such change. */
export const leftInError = (fault: CloudFault): OperationError => ({
  ...cloudFailed(fault),
  remedy: 'Refresh the resource when the cloud has mended it and ask for it anew, or delete what was left in error.',
  retryable: false,
});

/** By itself: what it was about may stand against that. */
export const canBeRetried = (operation: Operation): boolean =>
  operation.status === 'cancelled' || (operation.status === 'failed' && operation.error.retryable);

/** Goes on with what helps. */
export const whyNotRetried = ({ remedy }: OperationError): string =>
  `trying again cannot help: ${remedy.replace(/\.$/, '')}`;

/** Of a kind that is not retried: `instead` is what its users do. */
export const notRetried = (error: OperationError, instead: string): OperationError =>
  error.retryable ? { ...error, remedy: error.remedy.replace('retry', instead), retryable: false } : error;

/** The cloud did not answer a binding as it should: its address, cloud project or credentials may be wrong. */
export const bindingUnusable = (fault: CloudFault): OperationError => ({
  code: 'binding-unusable',
  title: 'The cloud cannot be used through this binding',
  owner: 'platform',
  remedy:
    'Check endpoints, region, cloud project and credentials of the binding, and whether the cloud is up; then check again.',
  retryable: true,
  cloud: { ...fault },
});

/** Nobody can reach its cloud any more. Of what has no effect in a cloud. */
export const bindingRemoved = (): OperationError => ({
  code: 'binding-removed',
  title: 'Its binding was deleted meanwhile',
  owner: 'platform',
  remedy: 'Ask for it of a binding that leads to the same cloud, or do it in the cloud itself.',
  retryable: false,
  cloud: null,
});

/** What neither users nor the platform team can mend, nor another attempt. */
export const vendorNeeded = (error: OperationError): OperationError => ({
  ...error,
  owner: 'cloud',
  remedy: askTheVendor,
  retryable: false,
});

const askTheVendor =
  'Only the vendor of the cloud can mend this: the `text` of `GET /v1/operations/{operationId}/support` is ready for a ' +
  'ticket. Refresh a disk afterwards; a snapshot is looked at by the next sweep. Then ask for it anew.';

export const deadlinePassed = (): OperationError => ({
  code: 'deadline-passed',
  title: 'It did not end in time',
  owner: 'cloud',
  remedy: 'Refresh the resource to see what became of it; then retry.',
  retryable: true,
  cloud: null,
});

/**
 * The cloud took it and is at it still, whatever is asked of it: job and resource were looked at in the end. What is left there
 * stands in the way of another attempt; after a mending it is another state that something is asked for.
 */
export const stuckInCloud = (isLeft: boolean): OperationError => ({
  code: 'stuck-in-cloud',
  title: 'The cloud does not bring it to an end',
  owner: 'cloud',
  remedy: isLeft ? askTheVendor : 'Nothing in the cloud stands in the way of another attempt; retry.',
  retryable: !isLeft,
  cloud: null,
});

/** The write may or may not have had an effect, and looking did not tell in time. */
export const outcomeUnknown = (): OperationError => ({
  code: 'outcome-unknown',
  title: 'It is not known whether the cloud carried it out',
  owner: 'platform',
  remedy: 'Refresh the resource; what nobody adopted is removed by the sweep. Trying again is your choice.',
  retryable: true,
  cloud: null,
});

/** What was to be done before it did not succeed. */
export const notBegun = (): OperationError => ({
  code: 'not-begun',
  title: 'The part before it did not succeed, so it was not begun',
  owner: 'you',
  remedy: 'Read the error of the part before it, and do what its remedy says.',
  retryable: true,
  cloud: null,
});

export const isNotBegun = ({ code }: OperationError): boolean => code === notBegun().code;

/** How many parts of a batch did not succeed, and how many of those because somebody cancelled it. */
export interface PartsLeft {
  readonly failed: number;
  readonly cancelled: number;
  readonly all: number;
}

/** `retryable`: whether its retry would come to something. */
export const partialFailure = ({ failed, cancelled, all }: PartsLeft, retryable: boolean): OperationError => ({
  code: 'partial-failure',
  title:
    failed === 0
      ? `${cancelled} of ${all} parts were cancelled`
      : `${failed + cancelled} of ${all} parts did not succeed${cancelled > 0 ? `, ${cancelled} of them cancelled` : ''}`,
  owner: 'you',
  remedy: remedyOf(failed, retryable),
  retryable,
  cloud: null,
});

const remedyOf = (failed: number, retryable: boolean): string => {
  const again = 'retry: that makes a new operation for those that are retryable, or were cancelled.';
  if (failed === 0) return retryable ? `To have what was cancelled after all, ${again}` : 'Ask for it anew.';
  return retryable
    ? `Read the error of each part in \`result\`, then ${again}`
    : 'Read the error of each part in `result`, and do what its remedy says.';
};
