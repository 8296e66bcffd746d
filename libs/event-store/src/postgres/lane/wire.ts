/**
 * One-dimensional arrays in PostgreSQL's binary format. Text arrays would escape every quote of the JSON they carry, twice.
 */
const HEADER_BYTES = 20;
const OID = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 } as const;

const begin = (oid: number, count: number, bodyBytes: number, hasNull: boolean): Buffer => {
  const buffer = Buffer.allocUnsafe(count === 0 ? 12 : HEADER_BYTES + bodyBytes);
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  if (count > 0) {
    buffer.writeInt32BE(count, 12);
    buffer.writeInt32BE(1, 16);
  }
  return buffer;
};

export const int4Array = (values: readonly number[]): Buffer => {
  const buffer = begin(OID.int4, values.length, values.length * 8, false);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(4, at);
    at = buffer.writeInt32BE(value, at);
  }
  return buffer;
};

/** Safe integers only. */
export const int8Array = (values: readonly number[]): Buffer => {
  const buffer = begin(OID.int8, values.length, values.length * 12, false);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(8, at);
    at = buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
    at = buffer.writeUInt32BE(value >>> 0, at);
  }
  return buffer;
};

export const boolArray = (values: readonly boolean[]): Buffer => {
  const buffer = begin(OID.bool, values.length, values.length * 5, false);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(1, at);
    at = buffer.writeUInt8(value ? 1 : 0, at);
  }
  return buffer;
};

const bytesArray = (oid: number, values: readonly (Buffer | null)[]): Buffer => {
  let body = 0;
  let hasNull = false;
  for (const value of values) {
    body += 4 + (value?.length ?? 0);
    hasNull ||= value === null;
  }
  const buffer = begin(oid, values.length, body, hasNull);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value?.length ?? -1, at);
    if (value) at += value.copy(buffer, at);
  }
  return buffer;
};

export const byteaArray = (values: readonly Buffer[]): Buffer => bytesArray(OID.bytea, values);
/** Each of 16 bytes. */
export const uuidArray = (values: readonly (Buffer | null)[]): Buffer => bytesArray(OID.uuid, values);

export const textArray = (values: readonly (string | null)[]): Buffer => {
  let body = 0;
  let hasNull = false;
  for (const value of values) {
    body += 4 + (value === null ? 0 : Buffer.byteLength(value));
    hasNull ||= value === null;
  }
  const buffer = begin(OID.text, values.length, body, hasNull);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const written = buffer.write(value, at + 4);
    buffer.writeInt32BE(written, at);
    at += 4 + written;
  }
  return buffer;
};

export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');
