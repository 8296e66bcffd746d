import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';

/** One environment variable. Its rule reads text; what is absent takes the default, as text too. */
export interface Variable<Value = unknown> {
  readonly rule: z.ZodType<Value, string>;
  /** One sentence. */
  readonly meaning: string;
  readonly unit?: string;
  readonly default?: string;
  /** Its value is never repeated, not even in a fault. */
  readonly secret?: true;
}

export const whole = (minimum: number, maximum: number) => {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^[0-9]{1,15}$/, error)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, error);
};

export const port = whole(0, 65_535);

export const text = z.string();

const hasScheme =
  (...schemes: readonly string[]) =>
  (value: string) =>
    URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1));

/** Its user and password can be told from the rest: `#`, `/` and a lone `%` in them cannot. */
const isDecodable = (value: string): boolean => {
  try {
    const { username, password } = new URL(value);
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
};

export const postgresUrl = z
  .string()
  .refine(
    (value) => hasScheme('postgres', 'postgresql')(value) && isDecodable(value),
    'must be a URL that begins with postgres:// or postgresql://, with a port of at most 65535, and what is special in user and password percent-encoded (# as %23)',
  );

export const redisUrl = z
  .string()
  .refine(hasScheme('redis', 'rediss'), 'must be a URL that begins with redis:// or rediss://');

const bytesOf = (value: string): Buffer =>
  /^(?:[0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');

export const key = (minimumBytes: number) =>
  z
    .string()
    .refine(
      (value) => /^[A-Za-z0-9+/_=-]+$/.test(value) && bytesOf(value).length >= minimumBytes,
      `must be at least ${minimumBytes} bytes in hex or base64`,
    )
    .transform(bytesOf);

const isSigningPem = (value: string): boolean => {
  try {
    return createPrivateKey(value).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
};

const isPem = (value: string): boolean => value.startsWith('-----BEGIN ');

/** A private key, whose public half is enough to verify; or a secret, which signs and verifies. */
export const signingKey = (minimumBytes: number) => {
  const error = `must be an ed25519 private key in PEM, or at least ${minimumBytes} bytes in hex or base64`;
  const secret = key(minimumBytes);
  return z
    .string()
    .refine((value) => (isPem(value) ? isSigningPem(value) : secret.safeParse(value).success), error)
    .transform((value): { readonly privateKey: string } | { readonly secret: Buffer } =>
      isPem(value) ? { privateKey: value } : { secret: bytesOf(value) },
    );
};

export const oneOf = <const Choice extends string>(...choices: readonly [Choice, ...Choice[]]) =>
  z.enum(choices, { error: `must be one of ${choices.join(', ')}` });
