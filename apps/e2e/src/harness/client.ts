export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Options {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One caller of the API. No answer may take longer than this, in ms. */
const hardEndMs = 30_000;

export class Client {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  get<Body = Record<string, unknown>>(path: string, headers: Readonly<Record<string, string>> = {}) {
    return this.call<Body>('GET', path, { headers });
  }

  post<Body = Record<string, unknown>>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    return this.call<Body>('POST', path, { body, headers });
  }

  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    options: Options = {},
  ): Promise<Answer<Body>> {
    const { body, headers } = options;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(hardEndMs),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Body };
  }

  /** The body of an answer that must be good. */
  async read<Body>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Body> {
    const { status, body } = await this.get<Body>(path, headers);
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** For a list that shall show all that a resource tells: views follow the log, and may be behind it. */
  async seenTo(path: string): Promise<Readonly<Record<string, string>>> {
    const { headers } = await this.get(path);
    return { 'strata-min-position': headers.get('strata-position') ?? '' };
  }

  /** All pages of a list. */
  async all<Item>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 10_000; pages++) {
      const first = `${path}${path.includes('?') ? '&' : '?'}limit=500`;
      const page: { items: Item[]; nextCursor: string | null } = await this.read(
        cursor === null ? first : `${path.split('?')[0]}?limit=500&cursor=${encodeURIComponent(cursor)}`,
        headers,
      );
      items.push(...page.items);
      cursor = page.nextCursor;
      if (cursor === null) return items;
    }
    throw new Error(`the list ${path} has no end`);
  }
}

/** What the tests read of an operation. */
export interface Operation {
  readonly id: string;
  readonly projectId: string;
  readonly kind: string;
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly waitingFor: string | null;
  readonly target:
    | { readonly type: 'disk' | 'snapshot' | 'binding'; readonly id: string }
    | { readonly type: 'disks' | 'snapshots'; readonly ids: readonly string[] };
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly attempts: number;
  readonly steps: readonly { readonly name: string; readonly status: string }[];
  readonly error: { readonly code: string } | null;
  readonly position: number;
}

/** What the tests read of a disk. */
export interface Disk {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly status: string;
  readonly allowedActions: readonly string[];
  readonly bootable: boolean;
  readonly readOnly: boolean;
  readonly cloud: { readonly id: string; readonly status: string } | null;
}

/** What the tests read of a snapshot. */
export interface Snapshot {
  readonly id: string;
  readonly diskId: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: string;
  readonly cloud: { readonly id: string; readonly status: string } | null;
}

/** What the tests read of a finding. */
export interface Finding {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly cloud: { readonly id: string };
  readonly evidence: { readonly differences: readonly unknown[] };
}

export const hasEnded = ({ status }: Operation): boolean => status !== 'queued' && status !== 'running';
