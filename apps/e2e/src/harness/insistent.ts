import { type Answer, type Client, type Options } from './client.js';
import { eventually } from './eventually.js';

/**
 * A caller who does not give up while the API comes and goes: the same request under the same key, until there is an answer that
 * is one. So nothing happens twice.
 */
export const insist = async <Body = Record<string, unknown>>(
  client: Client,
  method: string,
  path: string,
  key: string,
  body?: unknown,
): Promise<Answer<Body>> => {
  const options: Options = { headers: { 'idempotency-key': key }, ...(body === undefined ? {} : { body }) };
  return eventually(
    `${method} ${path} is answered`,
    async () => {
      const answer = await client.call<Body>(method, path, options);
      return answer.status >= 500 || answer.status === 429 ? undefined : answer;
    },
    { withinMs: 120_000, everyMs: 100 },
  );
};
