/** Tokens live for a day; a few generations cover everything that may still be under way. */
const tokensRemembered = 8;
const longestMessage = 300;

/** Takes known secrets, and what looks like a token, out of texts that come back from the cloud (I7). */
export class Secrets {
  readonly #lasting: readonly string[];
  #tokens: readonly string[] = [];

  /** What is secret from the start: a password, a secret key. */
  constructor(...lasting: readonly string[]) {
    this.#lasting = lasting;
  }

  remember(token: string): void {
    this.#tokens = [token, ...this.#tokens].slice(0, tokensRemembered);
  }

  /** Shortened, in one line, storable as JSON in PostgreSQL, without secrets. */
  clean(text: string): string {
    const known = [...this.#lasting, ...this.#tokens].filter((secret) => secret !== '');
    const open = known.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
    return open
      .replace(/[A-Za-z0-9+/_=-]{80,}/g, '[secret]')
      .toWellFormed()
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim()
      .slice(0, longestMessage)
      .toWellFormed();
  }
}
