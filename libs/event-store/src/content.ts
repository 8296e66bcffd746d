import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Charge, JsonObject } from '@strata/kernel';
import type { Meta } from './append.js';

/** What an append must not hold: it would fail in the database, together with its neighbours. */
export class InvalidAppend extends Error {
  override readonly name = 'InvalidAppend';
}

const nul = /(?:^|[^\\])(?:\\\\)*\\u0000/;

/** RFC 8785 text of a value. Refuses U+0000, lone surrogates and what JSON does not know. */
export const canonicalText = (value: unknown, what: string): string => {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new InvalidAppend(`${what}: ${cause instanceof Error ? cause.message : 'not JSON'}`, { cause });
  }
  if (text === undefined) throw new InvalidAppend(`${what}: not JSON`);
  if (text.includes('\\u0000') && nul.test(text)) throw new InvalidAppend(`${what}: U+0000 is not allowed`);
  return text;
};

/** Refuses a string that PostgreSQL cannot store. */
export const storableText = (text: string, what: string): string => {
  if (!text.isWellFormed() || text.includes('\u0000')) {
    throw new InvalidAppend(`${what}: U+0000 or a lone surrogate is not allowed`);
  }
  return text;
};

const chargeText = ({ dimension, held, used, releasing }: Charge): string =>
  `{"dimension":${JSON.stringify(dimension)},"held":${held},"releasing":${releasing},"used":${used}}`;

/** RFC 8785 text of charges. Amounts are checked to be safe integers before. */
export const chargesText = (charges: readonly Charge[]): string => `[${charges.map(chargeText).join(',')}]`;

export interface EventContent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly stream: string;
  readonly version: number;
  readonly projectId: string;
  /** RFC 8785 texts. */
  readonly data: string;
  readonly charges: string;
  readonly meta: string;
}

/**
 * SHA-256 over the RFC 8785 bytes of an event's content: an object of charges, data, meta, projectId, schemaVersion, stream,
 * type and version, in this order because RFC 8785 sorts members.
 */
export const contentHash = (content: EventContent): Buffer =>
  createHash('sha256')
    .update(
      `{"charges":${content.charges},"data":${content.data},"meta":${content.meta},"projectId":"${content.projectId}",` +
        `"schemaVersion":${content.schemaVersion},"stream":${JSON.stringify(content.stream)},` +
        `"type":${JSON.stringify(content.type)},"version":${content.version}}`,
    )
    .digest();

export const metaText = (meta: Meta): string => canonicalText(meta, 'meta');
export const dataText = (data: object, type: string): string => canonicalText(data as JsonObject, `data of ${type}`);

/** The hash before the first event. */
export const GENESIS = Buffer.alloc(32);

/** hash = SHA-256(previous ‖ position ‖ recorded at µs ‖ content hash), the numbers as 64 bits big-endian. */
export const chainHash = (previous: Buffer, position: number, recordedAtUs: bigint, content: Buffer): Buffer => {
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64BE(BigInt(position), 0);
  numbers.writeBigInt64BE(recordedAtUs, 8);
  return createHash('sha256').update(previous).update(numbers).update(content).digest();
};
