import {
  accept,
  refuse,
  unreachable,
  type Decider,
  type Decision,
  type Dimension,
  type Limit,
  type ProjectId,
} from '@strata/kernel';
import {
  bindingEvent,
  type Access,
  type BindingEvent,
  type CloudFigures,
  type CloudKind,
  type RollbackFeature,
} from './binding.events.js';

export type Binding =
  | { readonly status: 'absent' }
  | {
      readonly status: 'live';
      readonly access: Access;
      /** As last observed, by dimension in alphabetical order; empty before the first look. */
      readonly cloudQuota: readonly CloudFigures[];
    }
  | { readonly status: 'removed' };

export type LiveBinding = Extract<Binding, { status: 'live' }>;

/**
 * What is left out, or undefined, stays; endpoints merge by name, and null removes one, as it does what is said of features. Kind and cloud project always stay: in another cloud
 * project every disk would be missing, and a deletion under way would take that for its end.
 */
export type AccessChange = {
  readonly [Member in Exclude<keyof Access, 'endpoints' | 'features' | 'kind' | 'cloudProjectId'>]?:
    Access[Member] | undefined;
} & {
  readonly endpoints?: Readonly<Record<string, string | null | undefined>> | undefined;
  readonly features?: { readonly rollback: RollbackFeature | null } | null | undefined;
};

export type BindingCommand =
  | { readonly type: 'AddBinding'; readonly access: Access }
  | { readonly type: 'ChangeBinding'; readonly change: AccessChange }
  | { readonly type: 'RemoveBinding'; readonly usedBy: readonly ProjectId[] }
  | { readonly type: 'RecordCloudQuota'; readonly dimensions: readonly CloudFigures[] };

/** What a binding of each kind can say of rolling back; the first is what holds as a rule. */
export const rollbacksOf = {
  evs: ['cloudsnapshots', 'os-vendor-snapshots', 'off'],
  openstack: ['revert', 'off'],
} as const satisfies Record<CloudKind, readonly RollbackFeature[]>;

/** The services that a binding of each kind can have endpoints of. */
export const servicesOf = {
  evs: ['iam', 'evs', 'ecs', 'ims'],
  openstack: ['keystone', 'cinder', 'glance'],
} as const satisfies Record<CloudKind, readonly string[]>;

const isServiceOf = (kind: CloudKind, service: string): boolean => servicesOf[kind].some((known) => known === service);

/** What is offered there. */
export const featuresOf = ({ kind, features }: Access): { readonly rollback: RollbackFeature } =>
  features ?? { rollback: rollbacksOf[kind][0] };

/** What clouds of a kind offer as a rule, and a binding may do without. */
export type Offer = 'attach' | 'roll-back';

/** What is usual for its kind, and not to be had through this binding as it is. */
export const withheldBy = (access: Access): readonly Offer[] => [
  ...(access.kind === 'evs' && access.endpoints['ecs'] === undefined ? (['attach'] as const) : []),
  ...(featuresOf(access).rollback === 'off' ? (['roll-back'] as const) : []),
];

/** Whether disks are attached to servers there; OpenStack's servers are in Nova, which is not spoken with. */
export const attachesDisks = (kind: CloudKind): boolean => kind === 'evs';

export type BindingRefusal =
  | { readonly type: 'not-found' }
  | {
      readonly type: 'invalid-request';
      readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
    }
  | {
      readonly type: 'binding-in-use';
      readonly blockers: readonly { readonly kind: 'project'; readonly id: ProjectId; readonly reason: string }[];
    };

type On<Type extends BindingCommand['type']> = Extract<BindingCommand, { type: Type }>;
type BindingDecision = Decision<BindingEvent, BindingRefusal>;

const change = ({ change }: On<'ChangeBinding'>, { access }: LiveBinding): BindingDecision => {
  const given = Object.entries(change.endpoints ?? {}).flatMap(([service, url]) => (url === null ? [] : [service]));
  const strange = given.filter((service) => !isServiceOf(access.kind, service));
  if (strange.length > 0) {
    const detail = `is not one of ${servicesOf[access.kind].join(', ')}, of which a binding of kind ${access.kind} knows`;
    return refuse({
      type: 'invalid-request',
      errors: strange.map((service) => ({ pointer: `/endpoints/${service}`, detail })),
    });
  }
  const changed = merged(access, change);
  const { rollback } = featuresOf(changed);
  const known: readonly RollbackFeature[] = rollbacksOf[access.kind];
  if (!known.includes(rollback)) {
    const detail = `must be one of ${known.join(', ')} for a binding of kind ${access.kind}`;
    return refuse({ type: 'invalid-request', errors: [{ pointer: '/features/rollback', detail }] });
  }
  return same(changed, access) ? accept() : accept(bindingEvent('BindingChanged', changed));
};

const remove = ({ usedBy }: On<'RemoveBinding'>): BindingDecision =>
  usedBy.length > 0
    ? refuse({
        type: 'binding-in-use',
        blockers: usedBy.map((id) => ({ kind: 'project', id, reason: 'places its disks there' })),
      })
    : accept(bindingEvent('BindingRemoved', {}));

const recordCloudQuota = ({ dimensions }: On<'RecordCloudQuota'>, binding: LiveBinding): BindingDecision => {
  const sorted = [...dimensions].sort((a, b) => (a.dimension < b.dimension ? -1 : 1));
  return same(sorted, binding.cloudQuota)
    ? accept()
    : accept(bindingEvent('CloudQuotaObserved', { dimensions: sorted }));
};

const merged = ({ features, ...access }: Access, change: AccessChange): Access => {
  const kept = change.features === undefined ? features : said(change.features);
  return {
    ...access,
    name: change.name ?? access.name,
    region: change.region ?? access.region,
    credentials: change.credentials ?? access.credentials,
    endpoints: patched(access.endpoints, change.endpoints),
    ...(kept && { features: kept }),
  };
};

const said = (features: NonNullable<AccessChange['features']> | null): Access['features'] =>
  features && features.rollback !== null ? { rollback: features.rollback } : undefined;

const patched = (endpoints: Access['endpoints'], change: AccessChange['endpoints'] = {}): Access['endpoints'] => {
  const merged = { ...endpoints };
  for (const [service, url] of Object.entries(change)) {
    if (url === null) delete merged[service];
    else if (url !== undefined) merged[service] = url;
  }
  return merged;
};

/** Of plain data: members in any order. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));

const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([member, each]) => [member, ordered(each)]);
};

const decide = (command: BindingCommand, binding: Binding): BindingDecision => {
  if (command.type === 'AddBinding') return accept(bindingEvent('BindingAdded', command.access));
  if (binding.status !== 'live') return refuse({ type: 'not-found' });
  switch (command.type) {
    case 'ChangeBinding':
      return change(command, binding);
    case 'RemoveBinding':
      return remove(command);
    case 'RecordCloudQuota':
      return recordCloudQuota(command, binding);
    default:
      return unreachable(command);
  }
};

const evolve = (binding: Binding, event: BindingEvent): Binding => {
  if (event.type === 'BindingAdded') return { status: 'live', access: event.data, cloudQuota: [] };
  if (binding.status !== 'live') return binding;
  switch (event.type) {
    case 'BindingChanged':
      return { ...binding, access: event.data };
    case 'BindingRemoved':
      return { status: 'removed' };
    case 'CloudQuotaObserved':
      return { ...binding, cloudQuota: event.data.dimensions };
    default:
      return unreachable(event);
  }
};

export const binding: Decider<Binding, BindingCommand, BindingEvent, BindingRefusal> = {
  initial: { status: 'absent' },
  decide,
  evolve,
};

/** The limits of the binding as a node on the path: what the cloud grants there minus what others use. */
export const limitsOfBinding = (
  cloudQuota: readonly CloudFigures[],
): readonly { readonly dimension: Dimension; readonly limit: Limit }[] =>
  cloudQuota.map(({ dimension, limit, usedByOthers }) => ({
    dimension,
    limit: limit === 'unlimited' ? limit : Math.max(0, limit - usedByOthers),
  }));
