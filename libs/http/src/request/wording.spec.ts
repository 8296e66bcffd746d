import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { faultsOf } from './faults.js';
import { reading } from './wording.js';

const wordsFor = (schema: z.ZodType, value: unknown): readonly string[] => {
  const read = schema.safeParse(value, reading);
  return read.success ? [] : faultsOf('', read.error.issues).map(({ detail }) => detail);
};

const kinds = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('a') }),
  z.strictObject({ kind: z.literal('b') }),
]);

describe('the words for a rule that is broken', () => {
  it.each<readonly [string, z.ZodType, unknown]>([
    ['is required', z.strictObject({ name: z.string() }), {}],
    ['is required', z.strictObject({ size: z.int('must be a whole number of GiB') }), {}],
    ['must be a text', z.string(), 1],
    ['must be a whole number', z.int(), 'x'],
    ['must be a whole number', z.int(), 1.5],
    ['must be true or false', z.boolean(), 'yes'],
    ['must be an object', z.strictObject({}), []],
    ['must be an object', z.record(z.string(), z.string()), 'x'],
    ['must be a list', z.array(z.string()), {}],
    ['must be at most 64 characters', z.string().max(64), 'x'.repeat(65)],
    ['must be at most 1 character', z.string().max(1), 'xx'],
    ['must be at least 3 characters', z.string().min(3), 'x'],
    ['must not be empty', z.string().min(1), ''],
    ['must be at least 1', z.int().min(1), 0],
    ['must be at most 100', z.int().max(100), 101],
    ['must be more than 0', z.number().positive(), 0],
    ['must be less than 1', z.number().lt(1), 1],
    ['must have at most 2 items', z.array(z.int()).max(2), [1, 2, 3]],
    ['must be one of a, b', z.enum(['a', 'b']), 'c'],
    ['must be evs', z.literal('evs'), 'other'],
    ['must be a UUID', z.uuid(), 'x'],
    ['must be a time (RFC 3339)', z.iso.datetime(), 'x'],
    ['must be a multiple of 5', z.int().multipleOf(5), 6],
    ['must be unlimited, or must be a whole number', z.union([z.literal('unlimited'), z.int()]), 1.5],
    ['must be one of a, b', kinds, { kind: 'c' }],
    ['must be one of a, b', kinds, {}],
    ['has a rule of its own', z.string('has a rule of its own'), 1],
  ])('%s', (words, schema, value) => {
    expect(wordsFor(schema, value)).toEqual([words]);
  });

  it.each([z.templateLiteral(['a', z.int()]), z.string().regex(/^a/), z.base64(), z.map(z.string(), z.string())])(
    'is never the validator’s own: %#',
    (schema) => {
      expect(wordsFor(schema, '!').join()).not.toMatch(/Invalid|expected|received|pattern/);
    },
  );
});
