/** Members whose value is never written, at whatever depth they stand. */
const secretMembers = [
  'authorization',
  'x-auth-token',
  'x-subject-token',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'secretKey',
  'securityToken',
  'x-security-token',
  'token',
  'credentials',
];

const mark = '[secret]';

const patterns: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`("(?:${secretMembers.join('|')})":)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `$1"${mark}"`],
  // Service tokens of ours, wherever they stand in a text.
  [/strata_[A-Za-z0-9-]{8,}_[A-Za-z0-9_-]{20,}/g, mark],
  [/(bearer )[A-Za-z0-9._~+/=-]{8,}/gi, `$1${mark}`],
  // The password of a connection URL.
  [/(:\/\/[^:@/\s"]*:)[^@/\s"]+(?=@)/g, `$1${mark}`],
];

/** Takes secrets out of a finished line: nothing that a library puts into an error message gets past it. */
export const redact = (line: string): string =>
  patterns.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
