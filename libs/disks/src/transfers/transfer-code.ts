import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** 256 random bits are not to be guessed: a fast hash suffices. */
const codeBytes = 32;

export const newTransferCode = (): string => randomBytes(codeBytes).toString('base64url');

export const hashOfCode = (code: string): string => createHash('sha256').update(code).digest('hex');

/** In constant time. */
export const isCode = (code: string, hash: string): boolean => {
  const [given, stored] = [Buffer.from(hashOfCode(code), 'hex'), Buffer.from(hash, 'hex')];
  return given.length === stored.length && timingSafeEqual(given, stored);
};

/** Whatever it is: that it is none is not told apart from that it is another one. */
export const TransferCode = z.string().min(1).max(128);
