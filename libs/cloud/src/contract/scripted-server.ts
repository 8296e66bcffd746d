import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** `cut`: the connection breaks after the request was read. `silence`: no answer ever comes. */
export type ScriptedAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | 'cut'
  | 'silence';

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** An HTTP server on a free loopback port for what a simulator of a cloud would never say. */
export const startScriptedServer = async (
  answer: (request: ReceivedRequest, received: readonly ReceivedRequest[]) => ScriptedAnswer | Promise<ScriptedAnswer>,
): Promise<ScriptedServer> => {
  const requests: ReceivedRequest[] = [];
  const server = createServer((message, response) => {
    void text(message).then(async (body) => {
      const request = { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body };
      requests.push(request);
      const next = await answer(request, requests);
      if (next === 'cut') message.socket.destroy();
      else if (next !== 'silence') {
        const content = typeof next.body === 'string' ? next.body : JSON.stringify(next.body ?? null);
        response.writeHead(next.status, next.headers).end(next.body === undefined ? undefined : content);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
