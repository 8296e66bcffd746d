import type { ColumnType } from '../follower.js';
import { InvalidViewQuery, type ViewValue } from '../view-store.js';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const int4 = 2 ** 31;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000');

const holds: Readonly<Record<Exclude<ColumnType, 'jsonb'>, (value: unknown) => boolean>> = {
  text: isText,
  'text[]': isText,
  uuid: (value) => typeof value === 'string' && uuid.test(value),
  int: (value) => Number.isInteger(value) && Number(value) >= -int4 && Number(value) < int4,
  bigint: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  // PostgreSQL knows no year 0.
  timestamptz: (value) =>
    typeof value === 'string' && time.test(value) && !value.startsWith('0000') && !Number.isNaN(Date.parse(value)),
};

/** A value that the column can hold, so that no query fails in the database for what its caller said. */
export const checkedValue = (member: string, type: ColumnType, value: ViewValue): ViewValue => {
  if (type === 'jsonb') throw new InvalidViewQuery(member, 'cannot be filtered by');
  if (!holds[type](value))
    throw new InvalidViewQuery(member, `cannot be ${JSON.stringify(value)}: it is of type ${type}`);
  return value;
};

export const checkedText = (member: string, value: string): string => {
  if (!isText(value)) throw new InvalidViewQuery(member, 'must not contain U+0000 or a lone surrogate');
  return value;
};

export const isUuid = (value: string): boolean => uuid.test(value);
