import { exitCode, type ExitCode } from './exit-code.js';

/** Something that whoever calls can do something about: its message is all that is shown. */
export class CliFault extends Error {
  override readonly name = 'CliFault';
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exitCode.failed, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const unusable = (message: string, options?: ErrorOptions): CliFault =>
  new CliFault(message, exitCode.usage, options);

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** SQLSTATE or errno, and what it means to whoever sits at the terminal. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers at the address of the database',
  ENOTFOUND: 'the host of the database is not known',
  ETIMEDOUT: 'the database does not answer',
  ECONNRESET: 'the connection to the database was lost',
  '28P01': 'the database refuses this user and password',
  '28000': 'the database refuses this user',
  '3D000': 'there is no such database',
  '42P01': 'the database has not the tables of this version: run `strata migrate`',
  '42883': 'the database has not the functions of this version: run `strata migrate`',
  '42501': 'the database role may not do this: DATABASE_URL must be that of strata_worker',
  '57P01': 'the database was shut down',
  '57P03': 'the database is starting or stopping',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than is allowed here',
  EACCES: 'the file may not be opened',
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  EROFS: 'the disk is read-only',
};

/** As `pg` says that a connection ended, in the middle of a query or before the next one; without a code. */
const lost = /^(?:Connection terminated unexpectedly|Client has encountered a connection error)/;

const meaningOf = (error: unknown): string | undefined =>
  error instanceof Error && lost.test(error.message) ? meanings['ECONNRESET'] : meanings[codeOf(error) ?? ''];

/** Causes may go round in a circle. */
const causesFollowed = 8;

/** The error, and why it was thrown, as far as that is told. */
function* withCauses(error: unknown): Generator<unknown> {
  for (let [left, next] = [causesFollowed, error]; left >= 0 && next !== undefined; left -= 1) {
    yield next;
    next = next instanceof Error ? next.cause : undefined;
  }
}

/** The first of an error and its causes that means something here. */
const telling = (error: unknown): unknown => [...withCauses(error)].find((each) => meaningOf(each) !== undefined);

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const detailOf = (error: unknown): string => {
  // Node reports a host with several addresses as one error without a message.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(detailOf).join('; ');
  return oneLine(error instanceof Error ? error.message : String(error));
};

/** One line. What the error itself says, and the cause that tells, stands behind what it means. */
export const lineOf = (error: unknown): string => {
  if (error instanceof CliFault) return error.message;
  const told = telling(error);
  const [meaning, detail, why] = [meaningOf(told), detailOf(error), detailOf(told)];
  if (meaning === undefined) return detail;
  return `${meaning} (${detail.includes(why) ? detail : `${detail}: ${why}`})`;
};

export const exitCodeOf = (error: unknown): ExitCode => (error instanceof CliFault ? error.code : exitCode.failed);

/** A fault may quote what it was given: passwords and keys in it are blackened, in both spellings that a URL knows. */
export const withoutSecrets = (line: string, secrets: readonly (string | undefined)[]): string =>
  secrets
    .filter((secret) => secret !== undefined && secret !== '')
    .flatMap((secret) => [secret as string, encodeURIComponent(secret as string)])
    .reduce((text, secret) => text.replaceAll(secret, '•••'), line);

const unreadCodes: readonly (string | undefined)[] = ['EPIPE', 'ERR_STREAM_DESTROYED'];

/** Whoever read the output has gone, as `head` does: nothing to complain about. */
export const isUnread = (error: unknown): boolean => unreadCodes.includes(codeOf(error));
