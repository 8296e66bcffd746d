import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** So much of a body that nobody wants is read and thrown away, and for so long. */
const mostBytes = 16 * 1_048_576;
const longestMs = 5_000;

/** Until the client has sent all or is gone, or has sent more than anybody waits for. */
const discarded = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) return resolve();
    let left = mostBytes;
    const enough = (): void => {
      clearTimeout(bound);
      request.off('data', count);
      resolve();
    };
    const count = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left <= 0) enough();
    };
    const bound = setTimeout(enough, longestMs);
    request.once('end', enough).once('close', enough).on('data', count).resume();
  });

async function* besides(request: IncomingMessage, answer: Buffer): AsyncGenerator<Buffer> {
  yield answer;
  await discarded(request);
}

/**
 * The answer to a body that was not read to its end. It leaves at once, and ends when the client has sent the rest: with its end goes the
 * connection, and a client that is still sending into a closed one is told of a broken pipe in place of the answer. Needs
 * `Content-Length`, which tells the client where it ends.
 */
export const answerBesides = (request: IncomingMessage, answer: Buffer): Readable =>
  Readable.from(besides(request, answer), { objectMode: false });
