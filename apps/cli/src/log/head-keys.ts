import { readFile } from 'node:fs/promises';
import { keyIdOf, type SigningKey, type VerifyingKey } from '@strata/event-store';
import { type Invocation, textOption } from '../call/command.js';
import { CliFault, lineOf, unusable } from '../call/fault.js';

const optionName = 'signing-key-file';

const textOf = async (path: string): Promise<string> => {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new CliFault(`${path}: ${lineOf(error)}`, undefined, { cause: error });
  }
};

/** As STRATA_HEAD_SIGNING_KEY is read: hex where it can be hex, else base64. */
const secretIn = (text: string, path: string): Buffer => {
  const secret = Buffer.from(text, /^(?:[0-9a-f]{2})+$/i.test(text) ? 'hex' : 'base64');
  if (!/^[A-Za-z0-9+/_=-]+$/.test(text) || secret.length < 32) {
    throw unusable(`${path} holds neither a PEM key nor a secret of at least 32 bytes in hex or base64`);
  }
  return secret;
};

const isPem = (text: string): boolean => text.startsWith('-----BEGIN ');

const isNamed = (invocation: Invocation): boolean =>
  textOption(invocation, optionName) !== undefined || invocation.config.headSigningKey !== undefined;

/** From the file that the option names, else STRATA_HEAD_SIGNING_KEY. */
const keyOf = async (invocation: Invocation): Promise<{ readonly pem: string } | { readonly secret: Buffer }> => {
  const path = textOption(invocation, optionName);
  if (path !== undefined) {
    const text = await textOf(path);
    return isPem(text) ? { pem: text } : { secret: secretIn(text, path) };
  }
  const { headSigningKey: key } = invocation.config;
  if (key === undefined) throw unusable(`which key? Name --${optionName}, or set STRATA_HEAD_SIGNING_KEY`);
  return 'secret' in key ? key : { pem: key.privateKey };
};

export const signingKeyOf = async (invocation: Invocation): Promise<SigningKey> => {
  const key = await keyOf(invocation);
  return 'pem' in key ? { privateKey: key.pem } : key;
};

/** A private key verifies as well: its public half is taken. */
export const verifyingKeyOf = async (invocation: Invocation): Promise<VerifyingKey> => {
  const key = await keyOf(invocation);
  const verifying = 'pem' in key ? { publicKey: key.pem } : key;
  try {
    keyIdOf(verifying);
  } catch (cause) {
    throw unusable('the key cannot verify: it must be an ed25519 public key in PEM, or a secret', { cause });
  }
  return verifying;
};

/** Nothing when no key is named anywhere. */
export const verifyingKeyIfNamed = async (invocation: Invocation): Promise<VerifyingKey | undefined> =>
  isNamed(invocation) ? verifyingKeyOf(invocation) : undefined;
