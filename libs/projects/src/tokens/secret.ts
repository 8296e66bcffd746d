import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { TokenId } from '@strata/kernel';

/** 256 random bits are not to be guessed: a fast hash suffices (slow ones are for passwords). */
const secretBytes = 32;

export const newSecret = (): string => randomBytes(secretBytes).toString('base64url');

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** `strata_<id>_<secret>` */
export const writeToken = (tokenId: TokenId, secret: string): string => `strata_${tokenId}_${secret}`;

const shape = /^strata_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})$/;

/** Undefined when it is none of ours. */
export const readToken = (text: string): { readonly tokenId: TokenId; readonly secret: string } | undefined => {
  const [, id, secret] = shape.exec(text) ?? [];
  const tokenId = TokenId.safeParse(id);
  return tokenId.success && secret !== undefined ? { tokenId: tokenId.data, secret } : undefined;
};

/** In constant time. */
export const isSecret = (secret: string, hash: string): boolean => {
  const [given, stored] = [Buffer.from(hashOf(secret), 'hex'), Buffer.from(hash, 'hex')];
  return given.length === stored.length && timingSafeEqual(given, stored);
};
