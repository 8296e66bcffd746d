import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as far as its signature is about it. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly payload: Buffer;
}

/** What stands in `Authorization`, in either generation (EVS reference §7.2). */
export interface Signature {
  readonly accessKey: string;
  /** `YYYYMMDD/{region}/{service}/sdk_request`; null in the simple form. */
  readonly scope: string | null;
  readonly signedHeaders: readonly string[];
  readonly digest: string;
}

const ALGORITHM = 'SDK-HMAC-SHA256';
const simple = /^SDK-HMAC-SHA256 Access=([^,/\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;
const scoped =
  /^SDK-HMAC-SHA256 Credential=([^,/\s]+)\/(\d{8}\/[^,/\s]*\/[^,/\s]*\/sdk_request), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;
const moment = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Null where it is no signature of this kind. */
export const readSignature = (authorization: string): Signature | null => {
  const [, accessKey, signed, digest] = simple.exec(authorization) ?? [];
  if (accessKey && signed && digest) return { accessKey, scope: null, signedHeaders: signed.split(';'), digest };
  const [, credential, scope, names, hex] = scoped.exec(authorization) ?? [];
  if (!credential || !scope || !names || !hex) return null;
  return { accessKey: credential, scope, signedHeaders: names.split(';'), digest: hex };
};

/** The time in `X-Sdk-Date`, in ms; null where there is none. */
export const signedAtMs = ({ headers }: SignedRequest): number | null => {
  const date = headers['x-sdk-date'] ?? '';
  const ms = moment.test(date) ? Date.parse(date.replace(moment, '$1-$2-$3T$4:$5:$6Z')) : NaN;
  return Number.isNaN(ms) ? null : ms;
};

/** Whether the holder of this secret signed this request. */
export const isSignedWith = (secretKey: string, request: SignedRequest, signature: Signature): boolean => {
  const { signedHeaders, scope, digest } = signature;
  const date = request.headers['x-sdk-date'] ?? '';
  if (!signedHeaders.includes('host') || !signedHeaders.includes('x-sdk-date')) return false;
  if (scope !== null && !date.startsWith(scope.slice(0, 8))) return false;
  const canonical = canonicalRequest(request, signature);
  if (canonical === null) return false;
  const toSign = [ALGORITHM, date, ...(scope === null ? [] : [scope]), sha256(canonical)].join('\n');
  const key = scope === null ? secretKey : scope.split('/').reduce<string | Buffer>(hmac, `SDK${secretKey}`);
  return timingSafeEqual(hmac(key, toSign), Buffer.from(digest, 'hex'));
};

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Null where the request cannot have been signed as it is. */
const canonicalRequest = (request: SignedRequest, { signedHeaders, scope }: Signature): string | null => {
  const [path = '', ...rest] = request.url.split('?');
  const query = canonicalQuery(rest.join('?'));
  // The scoped form of a POST without a body counts the query as its body.
  const queryIsBody = scope !== null && request.method === 'POST' && request.payload.length === 0;
  const hash = payloadHash(request, queryIsBody ? query : request.payload);
  const lines = [...signedHeaders].sort().map((name) => `${name}:${(request.headers[name] ?? '').trim()}\n`);
  if (hash === null) return null;
  return [
    request.method,
    canonicalPath(path),
    queryIsBody ? '' : query,
    lines.join(''),
    signedHeaders.join(';'),
    hash,
  ].join('\n');
};

/** A caller may say the hash itself, or that it signed none; a hash that is not that of the payload is none. */
const payloadHash = ({ headers }: SignedRequest, payload: string | Buffer): string | null => {
  const actual = sha256(payload);
  const said = headers['x-sdk-content-sha256'] ?? actual;
  return said === actual || said === 'UNSIGNED-PAYLOAD' ? said : null;
};

const escaped = (text: string): string =>
  [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const canonicalPath = (path: string): string =>
  `${path
    .replace(/\/+$/, '')
    .split('/')
    .map((part) => escaped(unescaped(part)))
    .join('/')}/`;

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return [unescaped(name.replaceAll('+', ' ')), unescaped(value.join('=').replaceAll('+', ' '))] as const;
    })
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join('&');
