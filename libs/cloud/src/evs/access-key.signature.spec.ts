import { describe, expect, it } from 'vitest';
import { canonicalQuery, withSignature, type RequestToSign } from './access-key.signature.js';

const get = (url: string, headers: Readonly<Record<string, string>> = {}): RequestToSign => ({
  method: 'GET',
  url: new URL(url),
  headers,
  body: null,
});

/** Published with the documentation of the API gateway of this product line. */
const simpleExample = {
  keys: { accessKey: 'QTWAOYTTINDUT2QVKYUC', secretKey: 'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc' },
  at: new Date('2019-11-15T03:36:55Z'),
  url: 'https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?marker=13551d6b-755d-4757-b956-536f674975c0&limit=2',
  headers: { 'content-type': 'application/json' },
};

/** A request to IAM of the Open Telekom Cloud, as its Go library signs it. */
const scopedExample = {
  keys: { accessKey: 'A2VGRDT4L5Z7YOYSTNN9', secretKey: 'BYBYIiF3WUZGlorXmcTEDtNjB40JTibYIEfSUWqA' },
  at: new Date('2020-10-19T13:22:12Z'),
  url: 'https://iam.eu-de.otc.t-systems.com/v3/projects/?name=eu-de_test_dmd',
  headers: { accept: 'application/json', 'user-agent': 'golangsdk/2.0.0' },
};

/** Of our own, each computed with `openssl dgst -sha256` and `-mac HMAC` from the text that the rules prescribe. */
const ownKeys = { accessKey: 'AK', secretKey: 'SK' };
const at = new Date('2026-03-02T08:09:10.999Z');
const create: RequestToSign = {
  method: 'POST',
  url: new URL('http://127.0.0.1:7071/v2/p/cloudvolumes'),
  headers: { 'content-type': 'application/json', 'x-project-id': 'p', 'x-security-token': ' st ' },
  body: '{"volume":{"name":"Käse"}}',
};

const signatureOf = ({ authorization }: Readonly<Record<string, string>>) => authorization?.split('Signature=')[1];

describe('the signature of a request', () => {
  it('is that of the published example in the simple form', () => {
    const { keys, url, headers } = simpleExample;
    expect(withSignature(get(url, headers), keys, 'simple', simpleExample.at)).toEqual({
      'content-type': 'application/json',
      'x-sdk-date': '20191115T033655Z',
      authorization:
        'SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, ' +
        'Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe',
    });
  });

  it('is that of the published example in the scoped form, with region and service left empty', () => {
    const { keys, url, headers } = scopedExample;
    expect(withSignature(get(url, headers), keys, 'scoped', scopedExample.at)).toMatchObject({
      'x-sdk-date': '20201019T132212Z',
      authorization:
        'SDK-HMAC-SHA256 Credential=A2VGRDT4L5Z7YOYSTNN9/20201019///sdk_request, ' +
        'SignedHeaders=accept;host;user-agent;x-sdk-date, ' +
        'Signature=446f60d99021ad562739f1a841a242b708237d62ed5d278d882abcfea8b0428b',
    });
  });

  it.each([
    ['simple', '791e59488100f0bdb2c910ef93cbc248d40b1f004c72d21bd69e78b2375e8af6'],
    ['scoped', 'b881e138b40517df49aca15139c4e55fc5c0199294ba7769c49965a415ff70fa'],
  ] as const)('covers body, port and extra headers in the %s form', (form, expected) => {
    const headers = withSignature(create, ownKeys, form, at);
    expect(headers['authorization']).toContain(
      'SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token,',
    );
    expect(signatureOf(headers)).toBe(expected);
  });

  it('holds in a region and a service where they are named', () => {
    const scope = { region: 'eu-de', service: 'evs' };
    const headers = withSignature(create, ownKeys, 'scoped', at, scope);
    expect(headers['authorization']).toContain('Credential=AK/20260302/eu-de/evs/sdk_request,');
    expect(signatureOf(headers)).toBe('1162e6b2723c6c24c66261ed9059292442091a83efdf08e081aae5073a9e0df5');
  });

  it('covers the query of a POST without a body as its payload in the scoped form', () => {
    const post = { ...get('http://127.0.0.1/v2/p/x?b=2&a=1'), method: 'POST' };
    expect(signatureOf(withSignature(post, ownKeys, 'scoped', at))).toBe(
      '83de4271d5ad6e1caa7991b5974eba33c8cbd53eeec35896997c45a456867987',
    );
    expect(signatureOf(withSignature(post, ownKeys, 'simple', at))).toBe(
      '43950a53a5499659737c6674eb26d122b516e40f20e1fa8b51babee51d11b54f',
    );
  });

  it.each(['simple', 'scoped'] as const)('does not tell the slash at the end of a path (%s)', (form) => {
    const [without, withOne] = ['http://127.0.0.1/v2/p/x', 'http://127.0.0.1/v2/p/x/'].map((url) =>
      signatureOf(withSignature(get(url), ownKeys, form, at)),
    );
    expect(without).toBe(withOne);
  });

  it('covers a path in one way of encoding it', () => {
    const ways = ["http://127.0.0.1/v2/a'(b)*!", 'http://127.0.0.1/v2/a%27%28b%29%2A%21'];
    const [plain, encoded] = ways.map((url) => signatureOf(withSignature(get(url), ownKeys, 'simple', at)));
    expect(plain).toBe(encoded);
  });

  it('changes with everything that it covers', () => {
    const changes: Partial<RequestToSign>[] = [
      {},
      { method: 'PUT' },
      { url: new URL('http://127.0.0.1:7072/v2/p/cloudvolumes') },
      { url: new URL('http://127.0.0.1:7071/v2/q/cloudvolumes') },
      { url: new URL('http://127.0.0.1:7071/v2/p/cloudvolumes?dry=1') },
      { headers: { ...create.headers, 'x-project-id': 'q' } },
      { body: '{}' },
    ];
    const signatures = changes.map((change) =>
      signatureOf(withSignature({ ...create, ...change }, ownKeys, 'simple', at)),
    );
    expect(new Set(signatures).size).toBe(changes.length);
  });

  it('tells nothing of the secret key', () => {
    const { keys, url } = simpleExample;
    expect(JSON.stringify(withSignature(get(url), keys, 'scoped', at))).not.toContain(keys.secretKey);
  });
});

describe('the canonical query', () => {
  it.each([
    ['?limit=2&marker=m&a=', 'a=&limit=2&marker=m'],
    ['?tag=b&tag=a&name=x', 'name=x&tag=a&tag=b'],
    ['?metadata={"k": "v*"}', 'metadata=%7B%22k%22%3A%20%22v%2A%22%7D'],
    ['?a=1+2&b=~_.-', 'a=1%202&b=~_.-'],
    ['', ''],
  ])('of %s is sorted and encoded in one way', (query, expected) => {
    expect(canonicalQuery(new URL(`http://127.0.0.1/${query}`))).toBe(expected);
  });
});
