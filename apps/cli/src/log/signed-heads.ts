import { open } from 'node:fs/promises';
import type { SignedHead } from '@strata/event-store';
import { z } from 'zod';
import { CliFault, lineOf } from '../call/fault.js';
import { linesOf } from './lines.js';

const SignedHeadLine: z.ZodType<SignedHead> = z.strictObject({
  incarnation: z.string(),
  position: z.int().min(0),
  hash: z.string(),
  signedAt: z.string(),
  algorithm: z.enum(['ed25519', 'hmac-sha256']),
  signature: z.string(),
});

const headIn = (line: string): SignedHead | undefined => {
  try {
    return SignedHeadLine.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
};

/** One head a line, as `log sign-head` writes them. */
export const headsIn = async (path: string): Promise<readonly SignedHead[]> => {
  const heads: SignedHead[] = [];
  let lineNumber = 0;
  for await (const line of linesOf(path)) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    const head = headIn(line);
    if (head === undefined) throw new CliFault(`${path}: line ${lineNumber} is no signed head`);
    heads.push(head);
  }
  return heads;
};

/** Behind what stands there; on the disk when this resolves. */
export const addHead = async (path: string, head: SignedHead): Promise<void> => {
  try {
    const file = await open(path, 'a', 0o600);
    try {
      await file.appendFile(`${JSON.stringify(head)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CliFault(`${path} was not written: ${lineOf(error)}`, undefined, { cause: error });
  }
};
