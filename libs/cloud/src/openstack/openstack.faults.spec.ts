import { describe, expect, it } from 'vitest';
import { Secrets } from '../wire/secrets.js';
import { judgeOpenstack } from './openstack.faults.js';

const judged = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  judgeOpenstack({ kind: 'answered', status, headers, text: JSON.stringify(body) }, new Secrets('a-password'));
const bad = (message: string) => ({ badRequest: { code: 400, message } });
const over = (message: string) => ({ overLimit: { code: 413, message, retryAfter: '0' } });

/** As Cinder 21 words them. */
describe('a refusal of Cinder', () => {
  it.each([
    [404, { itemNotFound: { code: 404, message: 'Volume v could not be found.' } }, 'not-found'],
    [
      404,
      { itemNotFound: { code: 404, message: 'Volume type with name nope could not be found.' } },
      'type-unavailable',
    ],
    [400, bad("Availability zone 'nope' is invalid."), 'zone-unavailable'],
    [400, bad('Invalid input for field/attribute size. Value: -1. -1 is less than the minimum of 1'), 'invalid'],
    [400, bad('Invalid volume: Volume status must be available or error or …'), 'state-conflict'],
    [400, bad('Specified snapshot s is None or not the latest one of volume v.'), 'state-conflict'],
    [
      400,
      bad("Can't revert volume v to its latest snapshot s. The volume size must be equal to the snapshot size."),
      'state-conflict',
    ],
    [409, { conflictingRequest: { code: 409, message: 'synthetic' } }, 'state-conflict'],
    [403, { forbidden: { code: 403, message: 'Policy does not allow it.' } }, 'forbidden'],
    [
      413,
      over("VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'."),
      'cloud-quota-exceeded',
    ],
    [413, over('VolumeSizeExceedsAvailableQuota: …'), 'cloud-quota-exceeded'],
    [413, { badMediaType: { code: 413, message: 'Request is too large.' } }, 'invalid'],
  ] as const)('with %d %j means %s', (status, body, reason) => {
    expect(judged(status, body, { 'retry-after': '0' })).toMatchObject({ kind: 'refused', reason });
  });

  it('for too many requests says how long to wait, also in the way of old releases', () => {
    const throttled = { kind: 'throttled', retryAfterMs: 7_000 };
    expect(judged(413, over('This request was rate-limited.'), { 'retry-after': '7' })).toMatchObject(throttled);
    expect(judged(429, {}, { 'retry-after': '7' })).toMatchObject(throttled);
  });

  it.each([500, 502, 503, 504])('with %d proves nothing', (status) => {
    expect(judged(status, { computeFault: { code: status, message: 'synthetic' } })).toMatchObject({ kind: 'unclear' });
  });

  it('is not read from a page of a proxy', () => {
    const page = { kind: 'answered', status: 404, headers: {}, text: '<html>nginx</html>' } as const;
    expect(judgeOpenstack(page, new Secrets('p'))).toMatchObject({ kind: 'unclear' });
  });

  it('is read from an empty 404 only where Cinder’s own request id comes with it', () => {
    const empty = { kind: 'answered', status: 404, headers: {}, text: '' } as const;
    expect(judgeOpenstack(empty, new Secrets('p'))).toMatchObject({ kind: 'unclear' });
    const signed = { ...empty, headers: { 'x-openstack-request-id': 'req-1' } };
    expect(judgeOpenstack(signed, new Secrets('p'))).toMatchObject({ kind: 'refused', reason: 'not-found' });
  });

  it('of Glance is read, too, though it was written for a page', () => {
    const message = 'Failed to find image i<br /><br />\n\n\n';
    const body = { message, code: '404 Not Found', title: 'Not Found' };
    const fault = { code: 'HTTP 404', message: 'Failed to find image i' };
    expect(judged(404, body)).toMatchObject({ kind: 'refused', reason: 'not-found', fault });
  });

  it('quotes no secret', () => {
    const outcome = judged(400, bad('what is a-password?'));
    expect(outcome).toMatchObject({ fault: { message: 'what is [secret]?' } });
  });
});
