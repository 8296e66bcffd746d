import { canonicalText, chainHash, contentHash, GENESIS } from './content.js';
import { type LogRecord, microseconds } from './log-record.js';
import { isSignedBy, type SignedHead, type VerifyingKey } from './signed-head.js';

export type LogFault =
  /** A position is missing, or comes twice. */
  | { readonly fault: 'gap'; readonly position: number; readonly expected: number }
  /** What the event says is not what was hashed when it was recorded. */
  | { readonly fault: 'content-changed'; readonly position: number }
  /** The event does not follow from the one before it. */
  | { readonly fault: 'chain-broken'; readonly position: number }
  | { readonly fault: 'time-runs-backwards'; readonly position: number }
  /** A signed head lies behind the end of the log: its tail was cut off. */
  | { readonly fault: 'cut-off'; readonly position: number; readonly signedAt: string }
  /** At a signed position the log has another hash, or is another log: it was rewritten. */
  | { readonly fault: 'not-the-signed-log'; readonly position: number; readonly signedAt: string }
  | { readonly fault: 'bad-signature'; readonly position: number; readonly signedAt: string }
  /** The export ends in the middle or is not one. */
  | { readonly fault: 'broken-export'; readonly position: number; readonly detail: string };

export interface LogVerification {
  readonly events: number;
  /** Position and hash of the last event: what a signed head would hold. */
  readonly position: number;
  readonly hash: string;
  /** In the order found; at most `maxFaults`. */
  readonly faults: readonly LogFault[];
}

export interface VerifyOptions {
  readonly incarnation?: string | undefined;
  /** Heads that were signed earlier and kept elsewhere, and the key that they must be signed with. */
  readonly heads?: readonly SignedHead[];
  readonly key?: VerifyingKey | undefined;
  readonly maxFaults?: number;
}

const contentOf = (record: LogRecord): Buffer =>
  contentHash({
    ...record,
    data: canonicalText(record.data, 'data'),
    charges: canonicalText(record.charges, 'charges'),
    meta: canonicalText(record.meta, 'meta'),
  });

/** Recomputes both hashes of every event. After a broken link it goes on from what is recorded, to find further ones. */
class ChainCheck {
  position = 0;
  events = 0;
  hash = GENESIS;
  readonly #hashes = new Map<number, string>();
  #time = 0n;

  constructor(private readonly signedPositions: ReadonlySet<number>) {}

  *next(record: LogRecord): Generator<LogFault> {
    const { position } = record;
    const time = microseconds(record.recordedAt);
    if (position !== this.position + 1) yield { fault: 'gap', position, expected: this.position + 1 };
    const content = contentOf(record);
    if (content.toString('hex') !== record.contentHash) yield { fault: 'content-changed', position };
    const hash = chainHash(this.hash, position, time, Buffer.from(record.contentHash, 'hex'));
    if (hash.toString('hex') !== record.hash) yield { fault: 'chain-broken', position };
    if (time < this.#time) yield { fault: 'time-runs-backwards', position };
    this.position = position;
    this.events += 1;
    this.hash = Buffer.from(record.hash, 'hex');
    this.#time = time;
    if (this.signedPositions.has(position)) this.#hashes.set(position, record.hash);
  }

  hashAt(position: number): string | undefined {
    return this.#hashes.get(position);
  }
}

const headFault = (head: SignedHead, chain: ChainCheck, { incarnation, key }: VerifyOptions): LogFault | undefined => {
  const { position, signedAt } = head;
  if (key && !isSignedBy(head, key)) return { fault: 'bad-signature', position, signedAt };
  if (position > chain.position) return { fault: 'cut-off', position, signedAt };
  const isOther = incarnation !== undefined && head.incarnation !== incarnation;
  if (isOther || (position > 0 && chain.hashAt(position) !== head.hash)) {
    return { fault: 'not-the-signed-log', position, signedAt };
  }
  return undefined;
};

/** Verifies a whole log from its first event, wherever its records come from. */
export const verifyRecords = async (
  records: AsyncIterable<LogRecord>,
  options: VerifyOptions = {},
): Promise<LogVerification> => {
  const { heads = [], maxFaults = 100 } = options;
  const chain = new ChainCheck(new Set(heads.map(({ position }) => position)));
  const faults: LogFault[] = [];
  reading: for await (const record of records) {
    for (const fault of chain.next(record)) {
      faults.push(fault);
      if (faults.length >= maxFaults) break reading;
    }
  }
  if (faults.length < maxFaults) faults.push(...heads.flatMap((head) => headFault(head, chain, options) ?? []));
  const { events, position, hash } = chain;
  return { events, position, hash: hash.toString('hex'), faults: faults.slice(0, maxFaults) };
};
