/**
 * What a caller can tell by the exit code. Ended by a signal it is 128 + its number: 130 after Ctrl-C, 143 after SIGTERM,
 * 141 when nobody reads the output any more.
 */
export const exitCode = {
  ok: 0,
  /** The check was carried out and found something. */
  found: 1,
  /** Command line or configuration cannot be used. Nothing was done. */
  usage: 2,
  /** The command could not be carried out. */
  failed: 3,
  interrupted: 130,
  terminated: 143,
  unread: 141,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
