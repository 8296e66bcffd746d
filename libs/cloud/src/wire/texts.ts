import { z } from 'zod';
import { CloudSilent } from '../disk-cloud.js';
import { ownFault } from './outcome.js';
import type { Answered } from './service-client.js';

/** The cloud's texts may reach the log, which stores neither U+0000 nor lone surrogates. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uFFFD');
export const Text = z.string().transform(storable);
export const OptionalText = Text.nullish().catch(null);
/** A map as metadata and tags are, whatever it may hold. */
export const Texts = z.record(Text, z.unknown()).nullish().catch(null);
/** Some are told as words. */
export const Flag = z.union([z.boolean(), z.string()]).nullish().catch(null);

export const isSet = (flag: boolean | string | null | undefined): boolean =>
  flag === true || String(flag).toLowerCase() === 'true';

/** What has a value, as texts. */
export const textsOf = (map: Readonly<Record<string, unknown>> | null | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(map ?? {}).flatMap(([key, value]) => (value == null ? [] : [[key, storable(String(value))]])),
  );

/** A body that is not what the call promises is no answer: nothing may be concluded from it. */
export const readBody = <T>(schema: z.ZodType<T>, { json, requestId }: Answered): T => {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new CloudSilent(
    ownFault('unreadable-answer', 'the cloud answered in a form that we do not know', requestId),
    'unavailable',
    null,
  );
};
