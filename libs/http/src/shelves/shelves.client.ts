import { connect } from 'node:net';
import { projectId, shelfId, startShelves } from './shelves.app.js';
import type { HttpOptions } from '../index.js';
import type { HttpApp } from '../nest.js';

export const shelves = `/v1/projects/${projectId}/shelves`;
export const shelf = `${shelves}/${shelfId}`;
export const newShelf = { name: 'a', sizeGiB: 10 };

export interface CallOptions {
  /** Sent as it is when it is a text or bytes, else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of an answer in JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ShelvesUnderTest {
  readonly app: HttpApp;
  call(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** Bytes on a connection of their own; what comes back until it is closed. */
  raw(text: string): Promise<string>;
}

const exchange = (url: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });

const request = async (url: string, method: string, { body, headers }: CallOptions): Promise<Called> => {
  const ready = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: {
      authorization: 'Bearer good',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: ready ? Buffer.from(body) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
};

/** The shelves on a free port, as a client sees them. */
export const openShelves = async (options?: Partial<HttpOptions>): Promise<ShelvesUnderTest> => {
  const app = await startShelves(options);
  return {
    app,
    call: (method, path, callOptions = {}) => request(app.url + path, method, callOptions),
    raw: (text) => exchange(app.url, text),
  };
};
