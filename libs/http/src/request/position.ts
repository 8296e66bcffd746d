import { z } from 'zod';
import { documentedAs } from '../route/documented.js';

/** A place in the log as clients see it: opaque, `<incarnation>.<position>`. */
export interface LogPosition {
  readonly incarnation: string;
  readonly position: number;
}

export const formatPosition = ({ incarnation, position }: LogPosition): string => `${incarnation}.${position}`;

const shape = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,15})$/;

/** Undefined when it is none. */
export const parsePosition = (text: string): LogPosition | undefined => {
  const [, incarnation, digits] = shape.exec(text) ?? [];
  const position = Number(digits);
  return incarnation !== undefined && Number.isSafeInteger(position) ? { incarnation, position } : undefined;
};

/** `?asOf=`: the state as it was at a time, or right after a position. */
export type AsOf =
  { readonly at: 'time'; readonly time: Date } | { readonly at: 'position'; readonly position: number };

/**
 * A position of another incarnation is answered `410 log-restored` before the handler runs: so handlers see numbers only.
 * It is checked where the request is read, as the schema cannot know the incarnation.
 */
export class IncarnatedPosition {
  readonly at = 'position';
  constructor(
    readonly position: number,
    readonly incarnation: string,
  ) {}
}

const asTime = z.iso.datetime({ offset: true });

/** An incarnation has eight characters: this is a number that somebody mistyped. */
const isFraction = (text: string): boolean => /^[0-9]{1,7}\.[0-9]+$/.test(text);

const parseAsOf = (text: string): AsOf | undefined => {
  if (isFraction(text)) return undefined;
  if (/^(0|[1-9][0-9]{0,15})$/.test(text)) return { at: 'position', position: Number(text) };
  const position = parsePosition(text);
  if (position) return new IncarnatedPosition(position.position, position.incarnation);
  return asTime.safeParse(text).success ? { at: 'time', time: new Date(text) } : undefined;
};

/** In the query of an address a `+` stands for a blank: the most usual slip, and one that nobody sees. */
const ruleBrokenBy = (text: string): string =>
  asTime.safeParse(text.replace(' ', '+')).success
    ? 'must be a time (RFC 3339): the + of its offset is written as %2B in an address'
    : 'must be a time (RFC 3339, as 2026-11-03T10:15:00Z) or a position, as `Strata-Position` tells it';

/** A query member for every `GET` of a resource or view. */
export const asOfParameter = documentedAs(
  z.string('must be given once').transform((text, context): AsOf => {
    const asOf = parseAsOf(text);
    if (asOf) return asOf;
    context.addIssue(ruleBrokenBy(text));
    return z.NEVER;
  }),
  {
    type: 'string',
    description: 'The state as it was then: a time (RFC 3339) or a position (`Strata-Position`).',
    examples: ['2026-11-03T10:15:00.000Z'],
  },
);

/** The query of a `GET` that can be asked for the past and for nothing else. */
export const asOfQuery = z.strictObject({ asOf: asOfParameter.optional() });
