import type { Call } from '../http/call.js';
import { isUuid } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import {
  IMAGE_STATUSES,
  MEMBER_STATUSES,
  VIRTUAL_ENV_TYPES,
  visibilityTo,
  type Image,
  type MemberStatus,
} from '../world/image.js';
import type { World } from '../world/world.js';
import { imageView, type ImageView } from './image-view.js';

export interface ImagePage {
  readonly images: readonly ImageView[];
  readonly more: boolean;
}

/** Query members that ask for just what the image shows under the same name. */
const plainFilters = [
  'id',
  'name',
  'status',
  'visibility',
  'owner',
  'protected',
  '__imagetype',
  '__isregistered',
  'virtual_env_type',
  'min_disk',
  'min_ram',
  'disk_format',
  'container_format',
  '__os_type',
  '__os_bit',
  '__platform',
] as const;

const nativeFilters = ['__system__cmkid'] as const;

const sortKeys = ['name', 'container_format', 'disk_format', 'status', 'id', 'size', 'created_at'] as const;
type SortKey = (typeof sortKeys)[number];

/** Of the members that have a few values only, which; a wrong image type has a code of its own. */
const known: Readonly<Record<string, readonly string[]>> = {
  __imagetype: ['gold', 'private', 'shared'],
  visibility: ['public', 'private', 'shared'],
  status: IMAGE_STATUSES,
  member_status: MEMBER_STATUSES,
  virtual_env_type: VIRTUAL_ENV_TYPES,
  protected: ['true', 'false'],
  sort_key: sortKeys,
  sort_dir: ['asc', 'desc'],
};

type Condition = (image: ImageView) => boolean;
const wholeNumber = /^\d{1,9}$/;
const uuidMembers = ['id', 'marker'] as const;

/** One page of the images that the token's project sees (EVS reference §6). */
export const queryImages = (
  world: World,
  { query, token }: Call,
  { form, defaultLimit }: { readonly form: 'native' | 'glance'; readonly defaultLimit: number },
): ImagePage | Refusal => {
  const projectId = token?.projectId;
  if (projectId == null) return refuse('IMG.0087', 'the token is not of a project');
  const wrong = checkValues(query);
  if (wrong) return wrong;
  const times = form === 'native' ? readTimes(query) : [];
  if (isRefusal(times)) return times;
  const conditions = [...times, ...readConditions(query, form)];
  const sorted = seenBy(world, projectId, query['member_status']).sort(order(query));
  const after = query['marker'] === undefined ? 0 : sorted.findIndex(({ id }) => id === query['marker']) + 1;
  if (query['marker'] !== undefined && after === 0) return refuse('IMG.0027', 'the image of the marker');
  const found = sorted.slice(after).filter((image) => conditions.every((accepts) => accepts(image)));
  const limit = Number(query['limit'] ?? defaultLimit);
  return { images: found.slice(0, limit), more: found.length > limit };
};

const checkValues = (query: Call['query']): Refusal | null => {
  for (const [name, values] of Object.entries(known)) {
    const value = query[name];
    if (value !== undefined && !values.includes(value))
      return name === '__imagetype' ? refuse('IMG.0024', value) : refuse('IMG.0001', name);
  }
  for (const name of uuidMembers)
    if (query[name] !== undefined && !isUuid(query[name])) return refuse('IMG.0066', name);
  const number = ['limit', 'min_disk', 'min_ram'].find(
    (name) => query[name] !== undefined && !wholeNumber.test(query[name]),
  );
  return number === undefined ? null : refuse('IMG.0001', number);
};

/** What was shared is listed once it was accepted, unless another status is asked for. */
const seenBy = (world: World, projectId: string, memberStatus: string = 'accepted'): ImageView[] => {
  const isListed = ({ members }: Image) => members[projectId] === (memberStatus as MemberStatus);
  return world.images.all().flatMap((image) => {
    const visibility = visibilityTo(image, projectId);
    if (visibility === null || (visibility === 'shared' && !isListed(image))) return [];
    return imageView(image, visibility);
  });
};

const readConditions = (query: Call['query'], form: 'native' | 'glance'): readonly Condition[] => {
  const names: readonly string[] = form === 'native' ? [...plainFilters, ...nativeFilters] : plainFilters;
  const plain = names.flatMap((name): Condition[] => {
    const value = query[name];
    return value === undefined ? [] : [(image) => String(image[name as keyof ImageView] ?? '') === value];
  });
  // No image here has tags, is made of a whole server, or belongs to another enterprise project.
  const isNone = query['tag'] !== undefined || (form === 'native' && query['__whole_image'] === 'true');
  const isForeign = form === 'native' && !['0', 'all_granted_eps'].includes(query['enterprise_project_id'] ?? '0');
  return isNone || isForeign ? [() => false] : plain;
};

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
};

/** `created_at=gte:2026-03-02T08:00:00Z` */
const readTimes = (query: Call['query']): readonly Condition[] | Refusal => {
  const conditions: Condition[] = [];
  for (const name of ['created_at', 'updated_at'] as const) {
    const [, operator = '', time = ''] = /^([a-z]+):(.+)$/.exec(query[name] ?? '') ?? [];
    if (query[name] === undefined) continue;
    const compare = comparisons[operator];
    if (!compare || Number.isNaN(Date.parse(time))) return refuse('IMG.0001', name);
    conditions.push((image) => compare(Date.parse(image[name]), Date.parse(time)));
  }
  return conditions;
};

const order = (query: Call['query']) => {
  const key = (query['sort_key'] ?? 'created_at') as SortKey;
  const sign = query['sort_dir'] === 'asc' ? 1 : -1;
  const compare = <Value extends string | number>(a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0);
  return (a: ImageView, b: ImageView): number => sign * (compare(a[key], b[key]) || compare(a.id, b.id));
};
