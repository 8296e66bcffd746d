import { createHash, createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';
import { canonicalText } from './content.js';

/** Where a log ended at a time. Signed once a day and kept elsewhere, it makes a tail that was cut off visible. */
export interface LogHead {
  readonly incarnation: string;
  readonly position: number;
  /** Hex. */
  readonly hash: string;
}

export interface SignedHead extends LogHead {
  /** RFC 3339 UTC. */
  readonly signedAt: string;
  readonly algorithm: 'ed25519' | 'hmac-sha256';
  /** Base64url. */
  readonly signature: string;
}

/** A PEM private key (ed25519), or a secret of at least 32 bytes. */
export type SigningKey = { readonly privateKey: string } | { readonly secret: Buffer };
/** A PEM public key (ed25519), or the same secret. */
export type VerifyingKey = { readonly publicKey: string } | { readonly secret: Buffer };

const LEAST_SECRET_BYTES = 32;

const signedBytes = ({ incarnation, position, hash, signedAt, algorithm }: Omit<SignedHead, 'signature'>): Buffer =>
  Buffer.from(canonicalText({ incarnation, position, hash, signedAt, algorithm }, 'head'));

const hmac = (secret: Buffer, bytes: Buffer): Buffer => {
  if (secret.length < LEAST_SECRET_BYTES) throw new Error(`a secret for heads has ${LEAST_SECRET_BYTES} bytes or more`);
  return createHmac('sha256', secret).update(bytes).digest();
};

/** Says which key signed, and nothing of the key. The same for both halves of a pair. */
export const keyIdOf = (key: SigningKey | VerifyingKey): string => {
  if ('secret' in key) return hmac(key.secret, Buffer.from('the id of this key')).toString('hex', 0, 16);
  const publicKey = createPublicKey('publicKey' in key ? key.publicKey : key.privateKey);
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .toString('hex', 0, 16);
};

export const signHead = (head: LogHead, key: SigningKey, at: Date): SignedHead => {
  const { incarnation, position, hash } = head;
  const algorithm = 'secret' in key ? 'hmac-sha256' : 'ed25519';
  const unsigned = { incarnation, position, hash, signedAt: at.toISOString(), algorithm } as const;
  const bytes = signedBytes(unsigned);
  const signature = 'secret' in key ? hmac(key.secret, bytes) : sign(null, bytes, createPrivateKey(key.privateKey));
  return { ...unsigned, signature: signature.toString('base64url') };
};

export const isSignedBy = (head: SignedHead, key: VerifyingKey): boolean => {
  const bytes = signedBytes(head);
  const signature = Buffer.from(head.signature, 'base64url');
  if ('secret' in key) {
    const expected = hmac(key.secret, bytes);
    return (
      head.algorithm === 'hmac-sha256' && signature.length === expected.length && timingSafeEqual(signature, expected)
    );
  }
  return head.algorithm === 'ed25519' && verify(null, bytes, createPublicKey(key.publicKey), signature);
};
