import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, hasEnded, type Operation } from '../harness/client.js';
import { entryOf } from '../harness/entries.js';
import { eventually } from '../harness/eventually.js';
import { foundIn, type Place, tablesOf } from '../harness/secret-scan.js';
import { Service } from '../harness/service.js';
import { forgedKeys, simulatorCredentials, simulatorKeys, type Services } from '../harness/services.js';

export interface ServicesWithQueue {
  readonly services: Services;
  /** What the queue holds, where that is not PostgreSQL. */
  readonly queued: () => Promise<readonly Place[]>;
  readonly end: () => Promise<void>;
}

const disk = { name: 'ledger-disk', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
const secretOf = (token: string): string => token.split('_').slice(2).join('_');

/** I7: no secret in log, events, views, queue, schedule, log files and errors. */
export const noSecretIsWrittenDown = (backend: string, open: () => Promise<ServicesWithQueue>): void => {
  let under: ServicesWithQueue;
  let refused: Place[];
  const secrets: Record<string, string> = {};
  const visible: Record<string, string> = {};

  const end = (client: Client, id: string) =>
    eventually(`operation ${id} has ended`, async () => {
      const operation = await client.read<Operation>(`/v1/operations/${id}`);
      if (!hasEnded(operation)) throw new Error(JSON.stringify(operation));
      return true;
    });

  /** Keeps an answer that must be a refusal. */
  const refuse = (what: string, { status, body }: Answer): void => {
    expect(status).toBeGreaterThanOrEqual(400);
    refused.push({ name: `the answer to ${what}`, text: JSON.stringify(body) });
  };

  const workWithDisks = async ({ alpha, cloud, seeded }: Services): Promise<void> => {
    await cloud.jobsTake(100);
    await cloud.faults([
      { kind: 'drop-answer', times: 2, match: { operation: 'disks.create' } },
      { kind: 'throttle', times: 2, match: { operation: ['disks.create', 'jobs.get'] } },
      { kind: 'job-failed', times: 1, match: { operation: 'disks.extend' } },
    ]);
    const path = `/v1/projects/${seeded.projects.alpha}/disks`;
    const made = await alpha.post<Operation>(path, disk, { 'idempotency-key': 'first' });
    await alpha.post(path, disk, { 'idempotency-key': 'first' });
    const batch = await alpha.post<Operation>(path, { ...disk, count: 3 });
    await end(alpha, made.body.id);
    await end(alpha, batch.body.id);
    if (made.body.target.type !== 'disk') throw new Error('not one disk');
    const one = `${path}/${made.body.target.id}`;
    await end(alpha, (await alpha.post<Operation>(`${one}/extend`, { sizeGiB: 20 })).body.id);
    await end(alpha, (await alpha.post<Operation>(`${one}/refresh`, {})).body.id);
    visible['a disk'] = disk.name;
    visible['an operation'] = made.body.id;
  };

  const workWithTokens = async ({ admin, apiUrl, seeded }: Services): Promise<void> => {
    const path = `/v1/projects/${seeded.projects.alpha}/tokens`;
    const wish = { name: 'robot', role: 'operator' };
    const issued = await admin.post<{ id: string; token: string }>(path, wish, { 'idempotency-key': 'token' });
    expect(issued.status).toBe(201);
    secrets['a token that was issued'] = secretOf(issued.body.token);
    const again = await admin.post(path, wish, { 'idempotency-key': 'token' });
    refused.push({ name: 'the answer to a repeated issue', text: JSON.stringify(again.body) });
    const { token } = issued.body;
    await new Client(apiUrl, token).read('/v1/me');
    expect((await admin.call('DELETE', `${path}/${issued.body.id}`)).status).toBe(204);
    const refusal = await eventually('the revocation is noticed', async () => {
      const answer = await new Client(apiUrl, token).get('/v1/me');
      return answer.status === 401 && answer;
    });
    refuse('a revoked token', refusal);
    refuse('a token with one letter more', await new Client(apiUrl, `${token}x`).get('/v1/me'));
  };

  /** A cloud that is entered with keys, and that turns forged ones away. */
  const workWithKeys = async ({ admin, cloud }: Services): Promise<void> => {
    const endpoints = { iam: cloud.url, evs: cloud.url };
    const place = { kind: 'evs', region: 'eu-de', endpoints, cloudProjectId: '0123456789abcdef0123456789abcdef' };
    const checked = async (ref: string): Promise<string> => {
      const added = await admin.post<{ id: string }>('/v1/bindings', { name: ref, ...place, credentials: { ref } });
      const { body } = await admin.post<Operation>(`/v1/bindings/${added.body.id}/check`, {});
      return eventually(`${ref} were checked`, async () => {
        const operation = await admin.read<Operation>(`/v1/operations/${body.id}`);
        return hasEnded(operation) && operation.status;
      });
    };
    expect(await checked('keys')).toBe('succeeded');
    expect(await checked('forged')).toBe('failed');
  };

  /** Secrets where they do not belong: what is wrong may be said, what was given may not. */
  const misplaceSecrets = async ({ admin, alpha, apiUrl, seeded }: Services): Promise<void> => {
    const path = `/v1/projects/${seeded.projects.alpha}`;
    refuse('a token as a cursor', await alpha.get(`/v1/disks?cursor=${alpha.token}`));
    refuse('a token as an unknown query member', await alpha.get(`/v1/disks?token=${alpha.token}`));
    refuse('a token as a size', await alpha.post(`${path}/disks`, { ...disk, sizeGiB: alpha.token }));
    refuse(
      'a token as an If-Match',
      await alpha.call('DELETE', `${path}/disks/${newId()}`, { headers: { 'if-match': alpha.token } }),
    );
    const binding = {
      name: 'other',
      kind: 'evs',
      region: 'eu-de',
      endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' },
      cloudProjectId: '0123456789abcdef0123456789abcdef',
    };
    const credentials = { ...simulatorCredentials, password: secrets['a password in the wrong place'] };
    refuse('credentials instead of a reference', await admin.post('/v1/bindings', { ...binding, credentials }));
    const basic = Buffer.from(`strata:${alpha.token}`).toString('base64');
    const asBasic = await fetch(`${apiUrl}/v1/me`, { headers: { authorization: `Basic ${basic}` } });
    refused.push({ name: 'the answer to basic credentials', text: await asBasic.text() });
  };

  const bootWithWrongPassword = async ({ database, folder }: Services): Promise<void> => {
    const url = new URL(database.api);
    url.password = secrets['a wrong password'] ?? '';
    const api = new Service({
      name: 'mistaken api',
      program: () => ({ entry: entryOf('api') }),
      env: { DATABASE_URL: url.href, STRATA_PORT: '0', STRATA_CURSOR_KEY: 'ab'.repeat(32) },
      logFile: join(folder, 'logs', 'mistaken-api.log'),
    });
    await expect(api.start()).rejects.toThrow('cannot live');
  };

  /** One that is admitted and waits: what the queue holds can be looked at. */
  const leaveOneWaiting = async ({ alpha, seeded, workers }: Services): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
    const { body } = await alpha.post<Operation>(`/v1/projects/${seeded.projects.alpha}/disks`, disk);
    visible['a waiting operation'] = body.id;
    await eventually('it is in the queue', async () => foundIn(await queuePlaces(), { it: body.id }).length > 0);
  };

  const queuePlaces = async (): Promise<readonly Place[]> => {
    const tables = await tablesOf(under.services.database.admin);
    return [...(await under.queued()), ...tables.filter(({ name }) => name.startsWith('bullmq.'))];
  };

  const logFiles = async ({ folder }: Services): Promise<readonly Place[]> =>
    Promise.all(
      (await readdir(join(folder, 'logs'))).map(async (name) => ({
        name,
        text: await readFile(join(folder, 'logs', name), 'utf8'),
      })),
    );

  /** The simulator keeps those that it has issued. */
  const iamTokens = async ({ folder }: Services): Promise<readonly string[]> => {
    const journal = await readFile(join(folder, 'simulator', 'journal.ndjson'), 'utf8');
    return journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { change: { kind: string; token?: { value: string } } })
      .flatMap(({ change }) => (change.kind === 'token' && change.token ? [change.token.value] : []));
  };

  beforeAll(async () => {
    refused = [];
    under = await open();
    const { services } = under;
    const { tokens } = services;
    for (const [whose, token] of Object.entries(tokens)) secrets[`the token of ${whose}`] = secretOf(token as string);
    for (const [whose, secret] of Object.entries(services.secrets)) secrets[`the secret of ${whose}`] = secret;
    secrets['the password of the cloud'] = simulatorCredentials.password;
    secrets['the secret key of the cloud'] = simulatorKeys.secretKey;
    secrets['a forged secret key'] = forgedKeys.secretKey;
    secrets['a forged security token'] = forgedKeys.securityToken;
    secrets['a password in the wrong place'] = `password-${newId()}`;
    secrets['a wrong password'] = `wrong-${newId()}`;
    await workWithDisks(services);
    await workWithTokens(services);
    await workWithKeys(services);
    await misplaceSecrets(services);
    await bootWithWrongPassword(services);
    await leaveOneWaiting(services);
    for (const [i, token] of (await iamTokens(services)).entries()) secrets[`IAM token ${i}`] = token;
  });
  afterAll(() => under.end());

  describe(`what is written down, with the queue in ${backend}`, () => {
    it('is seen by this test', async () => {
      const tables = await tablesOf(under.services.database.admin);
      expect(foundIn(tables, { name: visible['a disk'] ?? '' }).length).toBeGreaterThan(1);
      expect(foundIn(await logFiles(under.services), { id: visible['an operation'] ?? '' })).toContain('id in api.log');
      expect(foundIn(await queuePlaces(), { id: visible['a waiting operation'] ?? '' }).length).toBeGreaterThan(0);
      expect(Object.keys(secrets).filter((what) => what.startsWith('IAM token')).length).toBeGreaterThan(0);
      expect(refused.length).toBeGreaterThan(8);
    });

    it('has no secret in log, views, ledger, schedule and queue', async () => {
      const places = [...(await tablesOf(under.services.database.admin)), ...(await under.queued())];
      expect(foundIn(places, secrets)).toEqual([]);
    });

    it('has no secret in the log files of any process', async () => {
      expect(foundIn(await logFiles(under.services), secrets)).toEqual([]);
    });

    it('has no secret in a refusal', () => {
      expect(foundIn(refused, secrets)).toEqual([]);
    });
  });
};
