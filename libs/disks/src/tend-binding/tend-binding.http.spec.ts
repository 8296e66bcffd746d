import { cloudFailed, deadlinePassed } from '@strata/operations';
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

  it('ends though the binding was removed meanwhile', async () => {
    const body = {
      name: 'passing',
      kind: 'evs',
      region: 'eu-de',
      cloudProjectId: 'p',
      credentials: { ref: 'none' },
      endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' },
    };
    const token = server.server.tokens.platformAdmin;
    const passing = `/v1/bindings/${idOf(await server.call('POST', '/v1/bindings', { token, body }))}`;
    const asked = await call('POST', `${passing}/check`);
    expect((await call('DELETE', passing)).status).toBe(204);
    await server.end(idOf(asked), { end: 'failed', error: deadlinePassed(), left: {} });
    expect((await call('GET', `/v1/operations/${idOf(asked)}`)).body).toMatchObject({ status: 'failed' });
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
