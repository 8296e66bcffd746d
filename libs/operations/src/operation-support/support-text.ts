import type { BindingResource } from '@strata/projects';
import { inMilliseconds } from '@strata/projects';
import type { OperationHistory, RecordedOperationEvent } from '../operation/operation.history.js';
import type { KnownOperation } from '../kind.js';

/** Where the cloud is, for those who may see the binding. */
export type SupportPlace = Pick<BindingResource, 'kind' | 'region' | 'endpoints' | 'cloudProjectId'>;

/** What the vendor of the cloud asks for first. Names and texts of users are not among it, nor anything secret. */
export interface SupportCase {
  readonly subject: string;
  readonly cloud: {
    readonly kind: string;
    readonly region: string;
    readonly hosts: readonly string[];
    readonly cloudProjectId: string;
  } | null;
  readonly resourceIds: readonly string[];
  readonly jobIds: readonly string[];
  readonly requestIds: readonly string[];
  readonly timeline: readonly { readonly at: string; readonly what: string }[];
}

/** Of the input only what says how it was asked for: sizes, types, zones, ids of the cloud. */
const tellsNothingOfUsers = ['cloudId', 'sizeGiB', 'type', 'availabilityZone', 'serverId', 'sourceCloudId'];

const asked = ({ input }: KnownOperation): string =>
  tellsNothingOfUsers
    .flatMap((member) => {
      const value = input[member];
      return typeof value === 'string' || typeof value === 'number' ? [`${member} ${value}`] : [];
    })
    .join(', ');

const whatHappened = ({ type, data }: RecordedOperationEvent): string | null => {
  switch (type) {
    case 'OperationRequested':
      return 'asked for';
    case 'SendIntended':
      return `sent, attempt ${data.attempt}, marked ${data.marker}`;
    case 'AnswerLost':
      return `no answer: ${faultOf(data.fault)}`;
    case 'SendAccepted':
      return [
        data.via === 'answer' ? 'taken by the cloud' : 'found in the cloud after its answer was lost',
        ...(data.jobId === null ? [] : [`job ${data.jobId}`]),
        ...(data.cloudRequestId === null ? [] : [`request ${data.cloudRequestId}`]),
      ].join(', ');
    case 'SendPresumedAbsent':
      return `attempt ${data.attempt} had no effect: not found in ${data.emptyLooks} looks`;
    case 'CloudProgressed':
      return `the cloud says ${data.state}${data.cloudId === null ? '' : ` of ${data.cloudId}`}`;
    case 'OperationStuckSuspected':
      return `under way for more than ${Math.round(data.afterMs / 1000)} s`;
    case 'OperationSucceeded':
      return 'succeeded';
    case 'OperationFailed': {
      const { code, title, cloud } = data.error;
      return `failed, ${code}: ${title}${cloud === null ? '' : ` (${faultOf(cloud)})`}`;
    }
    case 'OperationCancelled':
      return 'cancelled';
    case 'OperationStarted':
    case 'OperationCancelRequested':
    case 'OperationRetried':
      return null;
  }
};

const faultOf = ({ code, message, requestId }: { code: string; message: string; requestId: string | null }): string =>
  `${code}, ${message}${requestId === null ? '' : `, request ${requestId}`}`;

const present = (values: readonly (string | null | undefined)[]): readonly string[] => [
  ...new Set(values.filter((value): value is string => typeof value === 'string' && value !== '')),
];

/** The host alone: a path or a query may say more than the vendor needs. */
const hostOf = (endpoint: string): string => (URL.canParse(endpoint) ? new URL(endpoint).host : '');

export const supportCaseOf = (
  known: KnownOperation,
  { events }: Pick<OperationHistory, 'events'>,
  place: SupportPlace | null,
): SupportCase => {
  const requestIds = events.flatMap(({ type, data }) => {
    if (type === 'AnswerLost') return [data.fault.requestId];
    if (type === 'SendAccepted') return [data.cloudRequestId];
    return type === 'OperationFailed' ? [data.error.cloud?.requestId] : [];
  });
  const named = events.flatMap(({ type, data }) =>
    type === 'SendAccepted' || type === 'CloudProgressed' ? [data.cloudId] : [],
  );
  const jobs = events.flatMap(({ type, data }) => (type === 'SendAccepted' ? [data.jobId] : []));
  const { cloudId } = known.input;
  return {
    subject: `${known.kind} ${known.status === 'running' ? 'has not ended' : known.status}${place ? ` in ${place.region}` : ''}`,
    cloud: place && {
      kind: place.kind,
      region: place.region,
      hosts: present(Object.values(place.endpoints).map(hostOf)),
      cloudProjectId: place.cloudProjectId,
    },
    resourceIds: present([typeof cloudId === 'string' ? cloudId : null, ...named]),
    jobIds: present(jobs),
    requestIds: present(requestIds),
    timeline: events.flatMap((event) => {
      const what = whatHappened(event);
      return what === null ? [] : [{ at: inMilliseconds(event.recordedAt), what }];
    }),
  };
};

const line = (name: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : [`${name}: ${values.join(', ')}`];

/** Ready to be pasted into a ticket. */
export const supportTextOf = (known: KnownOperation, told: SupportCase): string => {
  const { subject, cloud, resourceIds, jobIds, requestIds, timeline } = told;
  const where = cloud
    ? [...line('Region', [cloud.region]), ...line('Project', [cloud.cloudProjectId]), ...line('Endpoints', cloud.hosts)]
    : ['Region, project, endpoints: known to the platform team'];
  return [
    `Subject: ${subject}`,
    '',
    ...where,
    ...line('Resource', resourceIds),
    ...line('Job', jobIds),
    ...line('Request ids', requestIds),
    ...line('Asked for', present([asked(known)])),
    ...line('Our reference', [known.operationId]),
    '',
    'What happened (UTC):',
    ...timeline.map(({ at, what }) => `  ${at}  ${what}`),
    '',
    'Please bring the work to an end, or put the resource back into a state in which it can be used or deleted.',
  ].join('\n');
};
