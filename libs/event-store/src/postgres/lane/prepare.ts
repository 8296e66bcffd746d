import type { Charge } from '@strata/kernel';
import type { Append, LaneChange } from '../../append.js';
import {
  canonicalText,
  chargesText,
  contentHash,
  dataText,
  InvalidAppend,
  metaText,
  storableText,
} from '../../content.js';
import { uuidBytes } from './wire.js';

export interface PreparedEvent {
  readonly id: Buffer;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  /** Null for none. */
  readonly charges: string | null;
  readonly content: Buffer;
}

export interface PreparedEntry {
  readonly stream: string;
  readonly projectId: string;
  readonly expectedVersion: number;
  readonly events: readonly PreparedEvent[];
}

/** What an append adds in one project and dimension, over all its events. */
export interface NetCharge {
  readonly projectId: string;
  readonly dimension: string;
  held: number;
  used: number;
  releasing: number;
}

/** An append, checked and encoded as far as it can be without its neighbours. */
export interface PreparedAppend {
  readonly append: Append;
  readonly id: Buffer;
  readonly entries: readonly PreparedEntry[];
  readonly charges: readonly NetCharge[];
  readonly meta: string;
  readonly operation: Buffer | null;
  readonly part: Buffer | null;
  readonly answer: string | null;
  readonly changes: string | null;
  readonly events: number;
  readonly bytes: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_INT4 = 2_147_483_647;

const uuid = (text: string, what: string): string => {
  if (!UUID.test(text)) throw new InvalidAppend(`${what} is not a UUID in lower case: ${JSON.stringify(text)}`);
  return text;
};

const int4 = (value: number, least: number, what: string): number => {
  if (!Number.isInteger(value) || value < least || value > MAX_INT4) {
    throw new InvalidAppend(`${what} is not an integer from ${least} to ${MAX_INT4}: ${value}`);
  }
  return value;
};

/** Derived from the append's id: an append sent again has the same event ids. */
const eventId = (appendId: Buffer, index: number): Buffer => {
  const id = Buffer.from(appendId);
  id.writeUInt32BE((id.readUInt32BE(12) + index + 1) >>> 0, 12);
  return id;
};

const addCharges = (nets: NetCharge[], projectId: string, charges: readonly Charge[]): void => {
  for (const { dimension, held, used, releasing } of charges) {
    if (![held, used, releasing].every(Number.isSafeInteger)) {
      throw new InvalidAppend(`a charge of ${dimension} is not made of safe integers`);
    }
    if (dimension === 'per_disk_gigabytes')
      throw new InvalidAppend('per_disk_gigabytes is a bound and is never charged');
    storableText(dimension, 'dimension');
    let net = nets.find((known) => known.dimension === dimension && known.projectId === projectId);
    if (!net) nets.push((net = { projectId, dimension, held: 0, used: 0, releasing: 0 }));
    net.held += held;
    net.used += used;
    net.releasing += releasing;
    if (![net.held, net.used, net.releasing].every(Number.isSafeInteger)) {
      throw new InvalidAppend(`the charges of ${dimension} do not add up to safe integers`);
    }
  }
};

const checkChanges = (changes: readonly LaneChange[] | undefined): string | null =>
  changes && changes.length > 0 ? canonicalText(changes, 'changes') : null;

/** The operation that a user sees, and the part of it that wrote the events when that is another one. */
const operations = ({ meta }: Append): { readonly operation: Buffer | null; readonly part: Buffer | null } => {
  const { operationId, correlationId } = meta;
  if (operationId === undefined) return { operation: null, part: null };
  const own = uuidBytes(uuid(operationId, 'operationId'));
  if (correlationId === undefined || correlationId === operationId || !UUID.test(correlationId)) {
    return { operation: own, part: null };
  }
  return { operation: uuidBytes(correlationId), part: own };
};

/** @throws InvalidAppend for what the database could not store. */
export const prepareAppend = (append: Append): PreparedAppend => {
  const id = uuidBytes(uuid(append.appendId, 'appendId'));
  const meta = metaText(append.meta);
  const charges: NetCharge[] = [];
  let events = 0;
  let bytes = 0;
  const entries = append.streams.map(({ stream, projectId, expectedVersion, events: facts }): PreparedEntry => {
    storableText(stream, 'stream');
    uuid(projectId, 'projectId');
    int4(expectedVersion, 0, 'expectedVersion');
    if (facts.length === 0) throw new InvalidAppend(`nothing to append to ${stream}`);
    const prepared = facts.map((fact, index): PreparedEvent => {
      const data = dataText(fact.data, fact.type);
      const own = fact.charges ?? [];
      addCharges(charges, projectId, own);
      const chargeJson = chargesText(own);
      const type = storableText(fact.type, 'type');
      const schemaVersion = int4(fact.schemaVersion, 1, 'schemaVersion');
      const version = int4(expectedVersion + index + 1, 1, 'version');
      const content = contentHash({ type, schemaVersion, stream, version, projectId, data, charges: chargeJson, meta });
      bytes += data.length + chargeJson.length + meta.length + 200;
      return {
        id: eventId(id, events + index),
        type,
        schemaVersion,
        data,
        content,
        charges: own.length > 0 ? chargeJson : null,
      };
    });
    events += facts.length;
    return { stream, projectId, expectedVersion, events: prepared };
  });
  if (events === 0 && (!append.key || append.changes))
    throw new InvalidAppend('an append needs an event, or a key alone');
  const changes = checkChanges(append.changes);
  if (changes !== null && charges.length > 0) throw new InvalidAppend('an append with changes cannot have charges');
  const { key } = append;
  if (key) [key.scope, key.key, key.fingerprint].forEach((text) => storableText(text, 'idempotency key'));
  const answer = key ? canonicalText(key.answer, 'answer') : null;
  bytes += (answer?.length ?? 0) + (changes?.length ?? 0) + 300;
  return { append, id, entries, charges, meta, ...operations(append), answer, changes, events, bytes };
};
