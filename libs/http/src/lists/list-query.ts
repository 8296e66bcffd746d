import { z } from 'zod';
import { documentedAs, documentation, type JsonSchema } from '../route/documented.js';
import { asOfParameter, type AsOf } from '../request/position.js';
import { integerParameter, repeatable } from '../request/query-parameters.js';

export type SortDirection = 'ascending' | 'descending';
export interface Sort<Field extends string = string> {
  readonly by: Field;
  readonly direction: SortDirection;
}

export type RangeOperator = 'gte' | 'lte' | 'gt' | 'lt';
export interface Range<Field extends string = string, Value = unknown> {
  readonly field: Field;
  readonly operator: RangeOperator;
  readonly value: Value;
}

/** Members of a query by name, each with the schema of one value. */
export type Fields = Readonly<Record<string, z.ZodType<unknown, string>>>;

/** What a list can be asked for. The first sort is the default, descending. */
export interface ListOptions<SortField extends string, Filters extends Fields, Ranges extends Fields> {
  readonly sorts: readonly [SortField, ...SortField[]];
  /** Filters by member name, each may be repeated. */
  readonly filters?: Filters;
  /** `sizeGiB.gte=`: members that are ordered, with the schema of one bound. */
  readonly ranges?: Ranges;
  /** `tags.<key>=<value>`, repeatable per key. */
  readonly tags?: boolean;
  readonly asOf?: boolean;
}

export interface ListQuery<SortField extends string, Filters extends Fields, Ranges extends Fields> {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort?: Sort<SortField> | undefined;
  readonly asOf?: AsOf | undefined;
  readonly filters: { readonly [Name in keyof Filters]?: readonly z.output<Filters[Name]>[] };
  readonly ranges: readonly {
    [Name in keyof Ranges & string]: Range<Name, z.output<Ranges[Name]>>;
  }[keyof Ranges & string][];
  /** Values that are accepted for a tag, by its key. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** The sort when neither `sort` nor a cursor tells. */
  readonly defaultSort: Sort<SortField>;
}

const operators: readonly RangeOperator[] = ['gte', 'lte', 'gt', 'lt'];
const tagPrefix = 'tags.';
/** A record never has this member: as a tag it would be dropped in silence. */
const noTag = 'tags.__proto__';
const reserved = new Set(['limit', 'cursor', 'sort', 'asOf', 'validateOnly']);

/** Where a list goes on, as `Cursors` write it. */
export const cursorParameter = documentedAs(z.string({ error: 'must be given once' }), {
  type: 'string',
  description: 'From `nextCursor`. Carries sort and filters; `limit` may change between pages.',
});

/** A bound that is a whole number. */
export const integerBound = integerParameter(0, 999_999_999_999_999);

/** A bound that is a time; UTC with milliseconds, as the answers write it. */
export const timeBound = documentedAs(
  z.iso
    .datetime({ offset: true, error: 'must be a time (RFC 3339)' })
    .transform((text) => new Date(text).toISOString()),
  { type: 'string', format: 'date-time' },
);

const sortParameter = <Field extends string>(fields: readonly Field[]) => {
  const choices = fields.flatMap((field) => [field, `-${field}`]);
  return documentedAs(
    z.enum(choices, { error: `must be one of ${choices.join(', ')}` }).transform((text): Sort<Field> => {
      const descending = text.startsWith('-');
      return {
        // The enum above admits nothing but the fields, with or without a dash.
        by: (descending ? text.slice(1) : text) as Field,
        direction: descending ? 'descending' : 'ascending',
      };
    }),
    { type: 'string', enum: choices, default: `-${fields[0]}` },
  );
};

const shapeOf = <S extends string, F extends Fields, R extends Fields>(options: ListOptions<S, F, R>) => {
  const shape: Record<string, z.ZodType> = {
    limit: integerParameter(1, 500).default(50),
    cursor: cursorParameter.optional(),
    sort: sortParameter(options.sorts).optional(),
  };
  if (options.asOf) shape['asOf'] = asOfParameter.optional();
  for (const [name, schema] of Object.entries(options.filters ?? {})) {
    if (reserved.has(name)) throw new Error(`a filter cannot be called ${name}`);
    shape[name] = repeatable(schema).optional();
  }
  for (const [name, schema] of Object.entries(options.ranges ?? {})) {
    for (const operator of operators) shape[`${name}.${operator}`] = schema.optional();
  }
  if (options.tags) shape['tags'] = z.record(z.string().min(1).max(128), repeatable(z.string().max(255))).optional();
  return shape;
};

/** `tags.team=a` as it stands in a query becomes a member of `tags`. */
const gatherTags = (query: unknown): unknown => {
  if (typeof query !== 'object' || query === null) return query;
  const rest: Record<string, unknown> = {};
  const tags: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query)) {
    if (name.startsWith(tagPrefix) && name !== noTag) tags[name.slice(tagPrefix.length)] = value;
    // A bare `tags=` would pass for what is gathered here, so it is kept unknown.
    else rest[name === 'tags' ? 'tags=' : name] = value;
  }
  return Object.keys(tags).length > 0 ? { ...rest, tags } : rest;
};

const isDefined = <T>(value: T | undefined): value is T => value !== undefined;

/** The query of a list, by the conventions: `limit`, `cursor`, `sort`, filters, ranges, tags, `asOf`; nothing else. */
export const listQuery = <
  const SortField extends string,
  Filters extends Fields = Record<never, never>,
  Ranges extends Fields = Record<never, never>,
>(
  options: ListOptions<SortField, Filters, Ranges>,
) => {
  const strict = z.strictObject(shapeOf(options));
  const filterNames = Object.keys(options.filters ?? {});
  const rangeNames = Object.keys(options.ranges ?? {});
  const defaultSort: Sort<SortField> = { by: options.sorts[0], direction: 'descending' };

  const arrange = (read: Readonly<Record<string, unknown>>) => ({
    limit: read['limit'],
    cursor: read['cursor'],
    sort: read['sort'],
    asOf: read['asOf'],
    filters: Object.fromEntries(filterNames.map((name) => [name, read[name]]).filter(([, value]) => isDefined(value))),
    ranges: rangeNames.flatMap((field) =>
      operators.flatMap((operator) => {
        const value = read[`${field}.${operator}`];
        return value === undefined ? [] : [{ field, operator, value }];
      }),
    ),
    tags: read['tags'] ?? {},
    defaultSort,
  });
  // `arrange` builds by name what the shape above has just checked; the compiler cannot follow names made at run time.
  const schema = z
    .preprocess(options.tags ? gatherTags : (query) => query, strict)
    .transform((read) => arrange(read) as unknown as ListQuery<SortField, Filters, Ranges>);
  parametersOf.set(schema, documentParameters(options));
  return schema;
};

export interface QueryParameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

const parametersOf = new WeakMap<z.ZodType, readonly QueryParameter[]>();

/** The members of a list's query, for the OpenAPI document; undefined for other schemas. */
export const listParameters = (schema: z.ZodType): readonly QueryParameter[] | undefined => parametersOf.get(schema);

const json = (schema: z.ZodType): JsonSchema => {
  const byHand = documentation(schema);
  if (byHand) return byHand;
  const { $schema: _dialect, ...derived } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return derived;
};

const documentParameters = <S extends string, F extends Fields, R extends Fields>(
  options: ListOptions<S, F, R>,
): readonly QueryParameter[] => {
  const parameter = (name: string, schema: JsonSchema): QueryParameter => ({ name, required: false, schema });
  return [
    parameter('limit', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
    parameter('cursor', { type: 'string', description: 'From `nextCursor`; carries sort and filters.' }),
    parameter('sort', json(sortParameter(options.sorts))),
    ...(options.asOf ? [parameter('asOf', json(asOfParameter))] : []),
    ...Object.entries(options.filters ?? {}).map(([name, schema]) =>
      parameter(name, { type: 'array', items: json(schema) }),
    ),
    ...Object.entries(options.ranges ?? {}).flatMap(([name, schema]) =>
      operators.map((operator) => parameter(`${name}.${operator}`, json(schema))),
    ),
    ...(options.tags
      ? [
          parameter('tags.{key}', {
            type: 'array',
            items: { type: 'string' },
            description: 'Written `tags.<key>=<value>`: resources whose tag has this value.',
          }),
        ]
      : []),
  ];
};
