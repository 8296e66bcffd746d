import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudClient, enter } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
  cloud = await enter(simulator);
});
afterAll(() => simulator.close());

const send = async (method: string, path: string, body?: string, contentType?: string) => {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: { 'X-Auth-Token': cloud.token, ...(contentType === undefined ? {} : { 'Content-Type': contentType }) },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
};

describe('an answer', () => {
  it('carries the id of its request, also when it refuses', async () => {
    const paths = [`/v2/${cloud.projectId}/types`, '/nowhere', `/v1/${cloud.projectId}/jobs/1`];
    const ids = await Promise.all(
      paths.map(async (path) => (await cloud.request('GET', path)).headers.get('x-request-id')),
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id ?? ''))).toBe(true);
  });
});

describe('a caller', () => {
  it('without a token is turned away by the gateway, whatever the path', async () => {
    const stranger = new CloudClient(simulator.url, cloud.projectId, '');
    for (const path of ['/types', '/cloudvolumes/detail', '/volumes']) {
      expect(await stranger.evs('GET', path)).toMatchObject({ status: 401, body: { error_code: 'APIG.0301' } });
    }
    expect(await new CloudClient(simulator.url, cloud.projectId, 'guess').job('1')).toMatchObject({
      status: 401,
      body: { error_code: 'APIG.0307' },
    });
  });

  it('cannot use its token in another project', async () => {
    const other = 'b0'.repeat(16);
    expect(await cloud.request('GET', `/v2/${other}/cloudvolumes/detail`)).toMatchObject({
      status: 400,
      body: { error: { code: 'EVS.0001' } },
    });
    expect(await cloud.request('GET', `/v2/${other}/volumes`)).toMatchObject({
      status: 400,
      body: { badRequest: { code: 'EVS.0001' } },
    });
    expect(await cloud.request('GET', `/v1/${other}/jobs/1`)).toMatchObject({
      status: 400,
      body: { error: { code: 'Common.0018' } },
    });
  });
});

describe('a request', () => {
  it('to a path that is none answers 404 APIG.0101', async () => {
    for (const path of ['/nowhere', `/v2/${cloud.projectId}/cloudbackups`, '/_simulator/nowhere']) {
      expect(await cloud.request('GET', path)).toMatchObject({ status: 404, body: { error_code: 'APIG.0101' } });
    }
  });

  it('with a method that is none answers 405 and says which are', async () => {
    const evs = await send('PUT', `/v2/${cloud.projectId}/cloudvolumes`);
    expect(evs).toMatchObject({ status: 405, body: { badMethod: { code: 405 } } });
    expect(evs.headers.get('allow')).toBe('POST, GET');
    expect(await send('PATCH', '/v3/auth/tokens')).toMatchObject({
      status: 405,
      body: { error: { code: 405, title: 'Method Not Allowed' } },
    });
  });

  it('with a body that is not declared as JSON answers 415', async () => {
    const path = `/v2/${cloud.projectId}/cloudvolumes`;
    expect(await send('POST', path, 'a=b', 'application/x-www-form-urlencoded')).toMatchObject({
      status: 415,
      body: { badMediaType: { code: 415 } },
    });
    expect(await send('POST', '/v3/auth/tokens', '{}', 'text/plain')).toMatchObject({
      status: 415,
      body: { error: { code: 415 } },
    });
  });

  it.each([
    ['POST', '/cloudvolumes', { error: { code: 'EVS.1008' } }],
    ['POST', '/cloudvolumes/x/action', { error: { code: 'EVS.1011' } }],
    ['PUT', '/volumes/x', { badRequest: { code: 400 } }],
  ])('with a body that is not JSON is refused by its own code: %s %s', async (method, path, body) => {
    const refused = await send(method, `/v2/${cloud.projectId}${path}`, '{', 'application/json;charset=utf8');
    expect(refused).toMatchObject({ status: 400, body });
  });

  it.each(['"text"', '[]', 'null', '{"volume":[]}'])('with %s for a body creates nothing', async (body) => {
    const refused = await send('POST', `/v2/${cloud.projectId}/cloudvolumes`, body, 'application/json');
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'EVS.1008' } } });
  });

  it('may declare JSON and send nothing', async () => {
    const id = await cloud.disk();
    expect(
      (await send('DELETE', `/v2/${cloud.projectId}/cloudvolumes/${id}`, undefined, 'application/json')).status,
    ).toBe(200);
  });

  it('beyond the gateway’s bound is refused unread', async () => {
    const big = JSON.stringify({ volume: { description: 'x'.repeat(12 * 1_024 * 1_024) } });
    const refused = await send('POST', `/v2/${cloud.projectId}/cloudvolumes`, big, 'application/json');
    expect(refused).toMatchObject({ status: 413, body: { error_code: 'APIG.0201' } });
  });
});
