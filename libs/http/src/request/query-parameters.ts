import { z } from 'zod';
import { documentedAs } from '../route/documented.js';

const single = { error: 'must be given once' } as const;

/** `?cascade=true`; nothing but `true` and `false`. */
export const booleanParameter = documentedAs(
  z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true'),
  { type: 'boolean' },
);

/** A whole number in decimal digits, between two bounds. */
export const integerParameter = (minimum: number, maximum: number) => {
  const rule = `must be a whole number from ${minimum} to ${maximum}`;
  return documentedAs(
    z
      .string(single)
      .regex(/^-?[0-9]{1,15}$/, rule)
      .transform(Number)
      .refine((value) => value >= minimum && value <= maximum, rule),
    { type: 'integer', minimum, maximum },
  );
};

/** A filter that may be repeated: `status=a&status=b`. Always read as a list. */
export const repeatable = <S extends z.ZodType<unknown, string>>(member: S) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(member).min(1).max(100),
  );
