import { createHash, createHmac } from 'node:crypto';

/** The two generations of the same signature (EVS reference §7.2). */
export type SignatureForm = 'simple' | 'scoped';

export interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface RequestToSign {
  readonly method: string;
  /** Its host is signed too. */
  readonly url: URL;
  /** By lower-case names; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Where a scoped signature holds. On the Open Telekom Cloud both stay empty. */
export interface Scope {
  readonly region: string;
  readonly service: string;
}

const algorithm = 'SDK-HMAC-SHA256';
const everywhere: Scope = { region: '', service: '' };

/** The headers that a signed request carries besides `host`: its own, its time and its signature (EVS reference §7.2). */
export const withSignature = (
  request: RequestToSign,
  { accessKey, secretKey }: Keys,
  form: SignatureForm,
  at: Date,
  scope: Scope = everywhere,
): Readonly<Record<string, string>> => {
  const date = sdkDate(at);
  const dated = { ...request, headers: { ...request.headers, 'x-sdk-date': date } };
  const { text, signedHeaders } = canonicalRequest(dated, form);
  const place = `${date.slice(0, 8)}/${scope.region}/${scope.service}/sdk_request`;
  const [credential, key, lines] =
    form === 'simple'
      ? [`Access=${accessKey}`, secretKey, [algorithm, date, sha256(text)]]
      : [`Credential=${accessKey}/${place}`, scopedKey(secretKey, place), [algorithm, date, place, sha256(text)]];
  const signature = hmac(key, lines.join('\n')).toString('hex');
  const authorization = `${algorithm} ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return { ...dated.headers, authorization };
};

/** The query as it is signed. Sent in the same form, it leaves a verifier nothing to read differently. */
export const canonicalQuery = ({ searchParams }: URL): string =>
  [...searchParams]
    .sort(([name, value], [otherName, otherValue]) => order(name, otherName) || order(value, otherValue))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');

/** `YYYYMMDDTHHMMSSZ` */
const sdkDate = (at: Date): string => at.toISOString().replace(/[-:]|\.\d{3}/g, '');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const scopedKey = (secretKey: string, place: string): Buffer =>
  place.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`SDK${secretKey}`));

const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Everything but `A-Za-z0-9-._~`; `encodeURIComponent` leaves five characters more. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Ends with a slash, whatever is sent. */
const canonicalPath = ({ pathname }: URL): string => {
  const path = pathname
    .split('/')
    .map((part) => encoded(decodeURIComponent(part)))
    .join('/');
  return path.endsWith('/') ? path : `${path}/`;
};

const canonicalRequest = ({ method, url, headers, body }: RequestToSign, form: SignatureForm) => {
  const signed = Object.entries({ ...headers, host: url.host }).sort(([name], [other]) => order(name, other));
  const signedHeaders = signed.map(([name]) => name).join(';');
  const query = canonicalQuery(url);
  // The scoped form signs the query of a POST without a body as if it were the body.
  const [signedQuery, payload] = form === 'scoped' && method === 'POST' && !body ? ['', query] : [query, body ?? ''];
  const lines = signed.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  const text = [method, canonicalPath(url), signedQuery, lines, signedHeaders, sha256(payload)].join('\n');
  return { text, signedHeaders };
};
