import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShelves, shelves, type ShelvesUnderTest } from './shelves/shelves.client.js';

let under: ShelvesUnderTest;
beforeAll(async () => {
  under = await openShelves();
});
afterAll(() => under.app.close());

const MiB = 1_048_576;
/** More than Node reads at once: with less, nothing would be left unread. */
const much = 8 * MiB;
const head = `POST ${shelves} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\n`;
const text = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;

describe('a body that is too large', () => {
  it.each([
    ['with its length', `content-length: ${much}\r\n\r\n${text(much)}`],
    ['in chunks', `transfer-encoding: chunked\r\n\r\n${much.toString(16)}\r\n${text(much)}\r\n0\r\n\r\n`],
  ])('is answered also to a client that sends all of it before it reads: %s', async (_how, rest) => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => under.raw(head + rest)));
    for (const answer of answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer.toLowerCase()).toContain('connection: close');
      expect(answer).toMatch(/"type":"\/problems\/too-large".*\}$/s);
    }
  });

  it('is not read for ever', async () => {
    const connection = under.raw(`${head}content-length: ${64 * MiB}\r\n\r\n${text(17 * MiB)}`);
    const over = (): string => 'over';
    expect(await connection.then(over, over)).toBe('over');
  });
});
