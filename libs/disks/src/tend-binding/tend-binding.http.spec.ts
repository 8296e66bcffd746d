import { cloudFailed } from '@strata/operations';
import type { Reply } from '@strata/projects/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskServer } from '../contract/disk-server.js';

let server: DiskServer;
let binding: string;

beforeAll(async () => {
  server = await DiskServer.start();
  binding = `/v1/bindings/${server.server.seeded.bindings.simulator}`;
});
afterAll(() => server.close());

const call = (method: string, path: string, token = server.server.tokens.platformAdmin): Promise<Reply> =>
  server.call(method, path, { token });
const idOf = ({ body }: Reply) => String(body['id']);

describe('looking after a binding', () => {
  it('is cancelled by who asked for it', async () => {
    const asked = await call('POST', `${binding}/check`);
    expect(asked).toMatchObject({ status: 202, body: { kind: 'binding.check', cancelability: 'now' } });
    const cancelled = await call('POST', `/v1/operations/${idOf(asked)}/cancel`);
    expect(cancelled).toMatchObject({ status: 202, body: { status: 'cancelled' } });
  });

  it('is done again when it is tried again, not taken for done', async () => {
    const asked = await call('POST', `${binding}/check`);
    const error = cloudFailed({ code: 'HTTP 503', message: 'no answer', requestId: null });
    await server.end(idOf(asked), { end: 'failed', error, left: {} });
    const again = await call('POST', `/v1/operations/${idOf(asked)}/retry`);
    expect(again).toMatchObject({ status: 202, body: { status: 'queued', retryOf: idOf(asked) } });
  });

  it('is nothing that an operator of a project can see, cancel or try again', async () => {
    const asked = idOf(await call('POST', `${binding}/check`));
    const { alpha } = server.server.tokens;
    const replies = await Promise.all([
      call('GET', `/v1/operations/${asked}`, alpha),
      call('POST', `/v1/operations/${asked}/cancel`, alpha),
      call('POST', `/v1/operations/${asked}/retry`, alpha),
      call('POST', `${binding}/check`, alpha),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });
});
