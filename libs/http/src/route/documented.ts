import type { z } from 'zod';

/** A JSON Schema (2020-12) written by hand. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const byHand = new WeakMap<object, JsonSchema>();

/** Gives a schema whose input cannot be derived (a string that is read as something else) its place in the document. */
export const documentedAs = <S extends z.ZodType>(schema: S, json: JsonSchema): S => {
  byHand.set(schema, json);
  return schema;
};

export const documentation = (schema: object): JsonSchema | undefined => byHand.get(schema);
