import { once } from 'node:events';
import { connect } from 'node:net';

const headEnd = '\r\n\r\n';

/** One request after the other over one connection; of an answer its status is read, and the bytes of its body are counted. */
const connection = async ({ hostname, port }, token) => {
  const socket = connect(Number(port), hostname).setNoDelay(true);
  await once(socket, 'connect');
  const common = `host: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\n`;
  let asked;
  let head = '';
  let left;
  const fail = (fault) => asked?.reject(fault);
  const headSaid = (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf(headEnd);
    if (end < 0) return;
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (!head.startsWith(`HTTP/1.1 ${asked.status} `) || length === undefined)
      return fail(new Error(`${asked.line}: ${head.slice(0, 2_000)}`));
    asked.bytes = Number(length);
    left = asked.bytes - (head.length - end - headEnd.length);
  };
  socket.on('data', (chunk) => {
    if (left === undefined) headSaid(chunk);
    else left -= chunk.length;
    if (left < 0) return fail(new Error(`${asked.line}: more than was announced`));
    if (left !== 0) return;
    [head, left] = ['', undefined];
    asked.resolve(asked.bytes);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error(`${asked?.line}: the connection was closed`)));
  const ask = (line, status, rest) =>
    new Promise((resolve, reject) => {
      asked = { line, status, resolve, reject };
      socket.write(`${line} HTTP/1.1\r\n${common}${rest}`);
    });
  return {
    get: (path) => ask(`GET ${path}`, 200, '\r\n'),
    post: (path, json) =>
      ask(
        `POST ${path}`,
        202,
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
      ),
    close: () => socket.destroy(),
  };
};

/**
 * A kept connection for each caller, which does as little as can be done: it works on the cores that are measured, where a
 * client that decodes what it is told takes as much as half of what the answer cost. `get` expects 200 and `post` 202; both
 * answer with the bytes of the body, and fail on any other answer.
 */
export const leanClient = async (url, token, callers) => {
  const connections = await Promise.all(Array.from({ length: callers }, () => connection(new URL(url), token)));
  return {
    get: (path, caller = 0) => connections[caller].get(path),
    post: (path, json, caller = 0) => connections[caller].post(path, json),
    close: () => connections.forEach(({ close }) => close()),
  };
};
