import { z } from 'zod';
import type { CloudFault, RefusalReason } from '../disk-cloud.js';
import { judge } from '../evs/evs.faults.js';
import type { Outcome } from '../wire/outcome.js';
import type { Exchange } from '../wire/http-exchange.js';
import type { Secrets } from '../wire/secrets.js';

/**
 * Cinder and Keystone name no codes of their own: the fault's name repeats the status, and the exception stands in the
 * words of its message. What these say more exactly than the status is read from them; the rest means what its status means.
 */
const wordings: readonly (readonly [status: number, pattern: RegExp, reason: RefusalReason])[] = [
  [400, /^Invalid volume: /, 'state-conflict'],
  [400, /^Invalid snapshot: /, 'state-conflict'],
  [400, /not the latest one of volume|must be equal to the snapshot size|doesn't have any snapshots/, 'state-conflict'],
  [400, /^(Invalid input received: )?Availability zone .* is invalid/, 'zone-unavailable'],
  [400, /availability zone .* (is invalid|not available)/i, 'zone-unavailable'],
  [400, /^(Invalid input received: )?Invalid volume[_ ]type/i, 'type-unavailable'],
  [404, /^Volume type .* could not be found/i, 'type-unavailable'],
];

export const judgeOpenstack = (answered: Exchange, secrets: Secrets): Outcome => {
  const exchange = inCindersManner(answered);
  const outcome = judge(exchange, secrets);
  if (exchange.kind !== 'answered' || outcome.kind !== 'refused') return outcome;
  const { fault } = outcome;
  const waitMs = exchange.status === 413 ? waitOf(exchange.headers['retry-after']) : null;
  // A quota says 0 or nothing; old releases say with 413, too, that there were too many requests, and how long to wait.
  if (waitMs !== null) return { kind: 'throttled', fault, retryAfterMs: waitMs };
  const wording = wordings.find(([status, pattern]) => status === exchange.status && pattern.test(fault.message));
  return wording === undefined ? outcome : { ...outcome, reason: wording[2] };
};

/** A release that does not know the microversion of a call says so before it looks at anything else. */
export const isTooNew = ({ code }: CloudFault): boolean => code === 'HTTP 406';

/** Glance's errors: the status as a text, and a message that was meant for a page. */
const GlanceFault = z.object({ code: z.string().regex(/^\d{3} /), title: z.string(), message: z.string() });

/** An error of Glance, told as Cinder tells its own. */
const inCindersManner = (exchange: Exchange): Exchange => {
  if (exchange.kind !== 'answered' || exchange.status < 400) return exchange;
  const fault = GlanceFault.safeParse(parseJson(exchange.text));
  if (!fault.success) return exchange;
  const message = fault.data.message.replaceAll(/<[^>]*>|\s+/g, ' ').trim();
  return { ...exchange, text: JSON.stringify({ glanceFault: { code: exchange.status, message } }) };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const longestWaitMs = 3_600_000;

const waitOf = (header: string | string[] | undefined): number | null => {
  const ms = Number(Array.isArray(header) ? header[0] : header) * 1_000;
  return ms > 0 ? Math.min(ms, longestWaitMs) : null;
};
