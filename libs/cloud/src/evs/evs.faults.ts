import { z } from 'zod';
import type { CloudFault } from '../disk-cloud.js';
import { ownFault, type Outcome } from '../wire/outcome.js';
import { meaningOf } from './evs.catalogue.js';
import type { Exchange, HttpAnswer } from '../wire/http-exchange.js';
import type { Secrets } from '../wire/secrets.js';

export { ownFault, type Outcome };

interface Envelope {
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly isOverLimit: boolean;
}

const Code = z.union([z.string(), z.number()]).nullish();
const Text = z.string().nullish();
/** CBR, IAM's native calls, and the gateway. */
const FlatEnvelope = z.object({ error_code: Code, error_msg: Text, request_id: Text });
/** EVS native, IAM in Keystone's manner, and Cinder, whose fault names come in more than one spelling. */
const NestedEnvelope = z.object({ code: Code, message: z.string() });

/** A bare number repeats the HTTP status; only named codes say more. */
const named = (code: string | number | null | undefined): string | null =>
  typeof code === 'string' && code !== '' && !/^\d{3}$/.test(code) ? code : null;

/** All shapes of EVS reference §4.1; null when the body is none of them. */
const readEnvelope = (json: unknown): Envelope | null => {
  if (typeof json !== 'object' || json === null) return null;
  const flat = FlatEnvelope.safeParse(json);
  if (flat.success && ('error_code' in json || 'error_msg' in json)) {
    const { error_code, error_msg, request_id } = flat.data;
    return {
      code: named(error_code),
      message: error_msg ?? null,
      requestId: request_id ?? null,
      isOverLimit: false,
    };
  }
  for (const [key, value] of Object.entries(json)) {
    const nested = NestedEnvelope.safeParse(value);
    if (!nested.success) continue;
    const { code, message } = nested.data;
    return { code: named(code), message, requestId: null, isOverLimit: key.toLowerCase() === 'overlimit' };
  }
  return null;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const header = (answer: HttpAnswer, name: string): string | null => {
  const value = answer.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
};

const requestIdOf = (answer: HttpAnswer): string | null =>
  header(answer, 'x-request-id') ?? header(answer, 'x-openstack-request-id') ?? header(answer, 'x-compute-request-id');

const longestWaitMs = 3_600_000;

/** null when absent, unreadable, or zero: zero is no invitation (EVS reference §3). */
const retryAfterOf = (answer: HttpAnswer): number | null => {
  const text = header(answer, 'retry-after')?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms > 0 ? Math.min(ms, longestWaitMs) : null;
};

/**
 * A 404 proves absence only if the service said it: in a form of its own, or without a word under its request id (EVS
 * reference §8.3). A proxy without a route answers with a page of its own, or with nothing at all.
 */
const isForeign404 = (answer: HttpAnswer, envelope: Envelope | null, requestId: string | null): boolean =>
  answer.status === 404 && envelope === null && (answer.text.trim() !== '' || (requestId ?? '') === '');

const judgeAnswer = (answer: HttpAnswer, secrets: Secrets): Outcome => {
  const json = parseJson(answer.text);
  const requestId = cleanId(requestIdOf(answer), secrets);
  if (answer.status >= 200 && answer.status < 300) return { kind: 'answered', json, requestId };

  const envelope = readEnvelope(json);
  const fault: CloudFault = {
    code: secrets.clean(envelope?.code ?? `HTTP ${answer.status}`),
    message: secrets.clean(envelope?.message ?? 'the cloud gave no reason'),
    requestId: requestId ?? cleanId(envelope?.requestId, secrets),
  };
  if (isForeign404(answer, envelope, requestId)) return { kind: 'unclear', fault };
  const meaning = meaningOf(envelope?.code ?? null, answer.status, envelope?.isOverLimit ?? false);
  switch (meaning.kind) {
    case 'refused':
      return { kind: 'refused', reason: meaning.reason, fault };
    case 'unclear':
      return { kind: 'unclear', fault };
    default:
      return { kind: meaning.kind, fault, retryAfterMs: retryAfterOf(answer) };
  }
};

const cleanId = (id: string | null | undefined, secrets: Secrets) => (id == null ? null : secrets.clean(id));

export const judge = (exchange: Exchange, secrets: Secrets): Outcome => {
  switch (exchange.kind) {
    case 'answered':
      return judgeAnswer(exchange, secrets);
    case 'not-sent':
      return { kind: 'nothing-happened', fault: transportFault(exchange.cause), retryAfterMs: null };
    case 'lost':
      return { kind: 'unclear', fault: transportFault(exchange.cause) };
  }
};

const transportFault = (cause: string): CloudFault =>
  ownFault(cause, transportMessages.get(cause) ?? 'the connection failed');

const transportMessages = new Map(
  Object.entries({
    timeout: 'no answer in time',
    'circuit-open': 'the endpoint has not answered of late, so nothing was sent',
    'too-late-to-send': 'the time to send had passed, so nothing was sent',
    ECONNREFUSED: 'the cloud does not accept connections',
    ECONNRESET: 'the connection broke',
    UND_ERR_SOCKET: 'the connection broke',
    UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  }),
);
