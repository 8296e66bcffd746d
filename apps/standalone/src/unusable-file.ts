/** A file of the data folder that Strata wrote and cannot read any more. Its content is a secret: the message has none of it. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
  constructor(path: string, remedy: string, cause: unknown) {
    const { code } = cause as NodeJS.ErrnoException;
    super(`${path} is ${code === undefined ? 'damaged' : `not readable (${code})`}. ${remedy}`, { cause });
  }
}
