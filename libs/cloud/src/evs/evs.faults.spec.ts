import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type Outcome } from './evs.faults.js';
import { example } from './fixtures/examples.js';
import type { HttpAnswer } from '../wire/http-exchange.js';
import { Secrets } from '../wire/secrets.js';

const secrets = new Secrets('pass-phrase');
const answer = (status: number, body?: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  kind: 'answered',
  status,
  headers,
  text: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
});
const judged = (status: number, body?: unknown, headers?: HttpAnswer['headers']) =>
  judge(answer(status, body, headers), secrets);
const fromExample = (name: string): Outcome => {
  const { status, body, headers = {} } = example(name).response;
  return judged(status, body, Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v])));
};

describe('an error of the cloud', () => {
  it.each([
    ['evs.error.native.state', { kind: 'refused', reason: 'state-conflict', fault: { code: 'EVS.1046' } }],
    [
      'evs.error.native.quota_capacity',
      { kind: 'refused', reason: 'cloud-quota-exceeded', fault: { code: 'EVS.1042' } },
    ],
    ['evs.error.cinder.not_found', { kind: 'refused', reason: 'not-found', fault: { code: 'HTTP 404' } }],
    ['evs.error.cinder.over_limit', { kind: 'refused', reason: 'cloud-quota-exceeded', fault: { code: 'HTTP 413' } }],
    ['evs.error.project_mismatch', { kind: 'refused', reason: 'other', fault: { code: 'Common.0018' } }],
    ['iam.error.keystone', { kind: 'refused', reason: 'forbidden', fault: { code: 'HTTP 403' } }],
    ['iam.error.native', { kind: 'refused', reason: 'forbidden', fault: { code: 'IAM.0002' } }],
    ['cbr.error', { kind: 'refused', reason: 'invalid', fault: { code: 'BackupService.2011' } }],
    [
      'gateway.error.throttled',
      { kind: 'throttled', retryAfterMs: null, fault: { code: 'APIG.0308', requestId: '0f6c1e9a7b52d384' } },
    ],
  ])('is understood in the form of %s', (name, expected) => {
    expect(fromExample(name)).toMatchObject(expected);
  });

  it.each(['badRequest', 'badrequest', 'BadRequest', 'computeFault', 'somethingNew'])(
    'is understood as Cinder fault %s, whatever its code is',
    (fault) => {
      expect(judged(400, { [fault]: { message: 'no', code: 400 } })).toMatchObject({
        fault: { code: 'HTTP 400', message: 'no' },
      });
      expect(judged(400, { [fault]: { message: 'no', code: '400' } })).toMatchObject({ fault: { code: 'HTTP 400' } });
      expect(judged(400, { [fault]: { message: 'no', code: 'EVS.2047' } })).toMatchObject({
        fault: { code: 'EVS.2047' },
      });
    },
  );

  it.each([
    [400, 'invalid'],
    [403, 'forbidden'],
    [405, 'other'],
    [409, 'state-conflict'],
    [413, 'invalid'],
  ])('with an empty body means what its status %i means', (status, reason) => {
    expect(judged(status)).toMatchObject({ kind: 'refused', reason, fault: { code: `HTTP ${status}` } });
  });

  it.each(['x-request-id', 'x-openstack-request-id', 'x-compute-request-id'])(
    'with status 404 and an empty body is absence where the service signs it by its %s',
    (header) => {
      const absence = { kind: 'refused', reason: 'not-found', fault: { code: 'HTTP 404', requestId: 'req-1' } };
      expect(judged(404, undefined, { [header]: 'req-1' })).toMatchObject(absence);
      expect(judged(404, ' \n', { [header]: ['req-1'] })).toMatchObject(absence);
    },
  );

  it('is no proof of absence when a 404 comes from somebody else', () => {
    // A load balancer that has no route for the path answers just so, and the disk lives on behind it.
    expect(judged(404)).toMatchObject({ kind: 'unclear', fault: { code: 'HTTP 404', requestId: null } });
    expect(judged(404, undefined, { 'x-request-id': '' })).toMatchObject({ kind: 'unclear' });
    expect(judged(404, '<html>Not Found</html>')).toMatchObject({ kind: 'unclear' });
    expect(judged(404, { error_code: 'APIG.0101', error_msg: 'no such API' })).toMatchObject({ reason: 'other' });
    expect(judged(404, { error_code: 'APIGW.0101', error_msg: 'no such API' })).toMatchObject({ reason: 'other' });
  });

  it('finds its request id wherever it stands', () => {
    const body = { error_code: 'APIG.0201', error_msg: 'x', request_id: 'in-body' };
    expect(judged(502, body)).toMatchObject({ fault: { requestId: 'in-body' } });
    expect(judged(502, body, { 'x-request-id': 'gateway' })).toMatchObject({ fault: { requestId: 'gateway' } });
    expect(judged(404, undefined, { 'x-openstack-request-id': 'req-1' })).toMatchObject({
      fault: { requestId: 'req-1' },
    });
    expect(judged(404, undefined, { 'x-compute-request-id': ['req-2'] })).toMatchObject({
      fault: { requestId: 'req-2' },
    });
  });

  it('takes Retry-After in seconds or as a date, and zero as no invitation', () => {
    const after = (value: string) => judged(429, undefined, { 'retry-after': value });
    expect(after('7')).toMatchObject({ retryAfterMs: 7_000 });
    expect(after('0')).toMatchObject({ retryAfterMs: null });
    expect(after('soon')).toMatchObject({ retryAfterMs: null });
    expect(after('Mon, 01 Jan 2001 00:00:00 GMT')).toMatchObject({ retryAfterMs: null });
    expect(after('Fri, 01 Jan 2100 00:00:00 GMT')).toMatchObject({ retryAfterMs: 3_600_000 });
  });

  it('quotes no secret, and nothing that the log could not store', () => {
    const token = 'MIIF'.padEnd(200, 'x');
    secrets.remember('remembered-token');
    const message = `bad\u0000 pass-phrase,\n remembered-token ${token} \ud800${' and so on'.repeat(100)}`;
    const { fault } = judged(400, { error: { code: 'pass-phrase', message } }) as Extract<Outcome, { kind: 'refused' }>;
    expect(`${fault.code} ${fault.message}`).not.toMatch(/pass-phrase|remembered-token|MIIF|\u0000/);
    expect(fault.message.isWellFormed()).toBe(true);
    expect(fault.message.length).toBeLessThanOrEqual(300);
  });

  it('is never more than an outcome, whatever stands in its body', () => {
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .dictionary(fc.constantFrom('error', 'error_code', 'error_msg', 'badRequest'), fc.jsonValue())
        .map((o) => JSON.stringify(o)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), body, (status, text) => {
        const outcome = judge(answer(status, text), secrets);
        expect(outcome.kind).not.toBe('answered');
        const { fault } = outcome as Extract<Outcome, { kind: 'unclear' }>;
        expect(fault.code).not.toBe('');
        expect(`${fault.code}${fault.message}`.isWellFormed()).toBe(true);
        // Nothing may be concluded from a server's own failure, unless a code that we know proves it.
        if (status >= 500) expect(outcome.kind).toBe('unclear');
      }),
    );
  });

  it('is unclear after the request left, and harmless before', () => {
    expect(judge({ kind: 'lost', cause: 'timeout' }, secrets)).toMatchObject({
      kind: 'unclear',
      fault: { code: 'timeout' },
    });
    expect(judge({ kind: 'not-sent', cause: 'ECONNREFUSED' }, secrets)).toMatchObject({ kind: 'nothing-happened' });
    expect(judged(302)).toMatchObject({ kind: 'unclear' });
    expect(judged(408)).toMatchObject({ kind: 'unclear' });
  });
});
