import type { JsonObject, JsonValue } from '@strata/kernel';
import { z } from 'zod';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const json: z.ZodType<JsonValue> = z.json();
const jsonObject = z.record(z.string(), json) as unknown as z.ZodType<JsonObject>;

/** An event with everything that the hash chain covers: what verification and export work on. */
export const LogRecord = z.strictObject({
  position: z.int().min(1),
  id: z.string(),
  stream: z.string(),
  version: z.int(),
  type: z.string(),
  schemaVersion: z.int(),
  projectId: z.string(),
  data: jsonObject,
  charges: z.array(json),
  meta: jsonObject,
  /** RFC 3339 UTC with microseconds. */
  recordedAt: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  contentHash: hex,
  hash: hex,
});
export type LogRecord = z.infer<typeof LogRecord>;

/** Microseconds since 1970 of a `recordedAt`. */
export const microseconds = (recordedAt: string): bigint =>
  BigInt(Date.parse(`${recordedAt.slice(0, 23)}Z`)) * 1_000n + BigInt(recordedAt.slice(23, 26));
