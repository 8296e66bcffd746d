import { z } from 'zod';

/** A fault in a switch's body. Named, so that the error handler can tell it from a fault of ours. */
export class BadSwitch extends Error {}

export const parse = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> => {
  const result = schema.safeParse(value);
  if (!result.success) throw new BadSwitch(z.prettifyError(result.error));
  return result.data;
};
