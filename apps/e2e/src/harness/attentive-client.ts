import { type Answer, Client, type Options } from './client.js';

/** A caller who notes how it was answered: that none of it was is `silence`. */
export class AttentiveClient extends Client {
  readonly heard = new Map<number | 'silence', number>();
  /** The longest that an answer took, in ms. */
  longestMs = 0;

  override async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    options: Options = {},
  ): Promise<Answer<Body>> {
    const askedMs = performance.now();
    try {
      const answer = await super.call<Body>(method, path, options);
      this.note(answer.status);
      return answer;
    } catch (error) {
      this.note('silence');
      throw error;
    } finally {
      this.longestMs = Math.max(this.longestMs, performance.now() - askedMs);
    }
  }

  private note(how: number | 'silence'): void {
    this.heard.set(how, (this.heard.get(how) ?? 0) + 1);
  }
}
