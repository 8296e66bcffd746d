import { LaneUnavailable } from './append.js';

/**
 * A live follower does not know these event types yet and would stop before the first of them: nothing was written, try again
 * later (`503`, `Retry-After`). It ends when every projector knows them, or the follower is retired.
 */
export class TypesHeldBack extends LaneUnavailable {
  override readonly name = 'TypesHeldBack';
  constructor(
    readonly types: readonly string[],
    retryAfterSeconds: number,
  ) {
    super(`not every follower of the log knows ${types.join(', ')} yet`, retryAfterSeconds);
  }
}
