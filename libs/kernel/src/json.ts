import { z } from 'zod';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: JsonValue | undefined;
}

export const JsonValue: z.ZodType<JsonValue> = z.json();

/**
 * A string that PostgreSQL can store and RFC 8785 can canonicalise: no U+0000, no lone surrogate.
 * Everything that comes from outside and may reach the log passes through here.
 */
export const safeText = z.string().refine((text) => text.isWellFormed() && !text.includes('\u0000'), {
  message: 'must not contain U+0000 or a lone surrogate',
});
