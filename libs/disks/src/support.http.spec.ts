import { describe, expect, it } from 'vitest';
import { type DiskProject, idOf } from './contract/disk-project.js';
import { type DiskServer } from './contract/disk-server.js';
import { forEachDiskProject } from './contract/for-each-disk-project.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
});

const support = (operationId: string, by = my.token) =>
  my.call('GET', `/v1/operations/${operationId}/support`, undefined, {}, by);

/** A creation that the cloud took and did not bring to an end. */
const stuck = async () => {
  const id = idOf(await my.request({ name: 'ledger-of-the-board', tags: { secret: 'of-the-board' } }));
  await server.accept(id);
  await server.report(
    id,
    { type: 'RecordProgress', state: 'running', cloudId: 'cloud-1' },
    { type: 'SuspectStuck', data: { afterMs: 900_000, sample: null } },
  );
  return id;
};

describe('what the vendor of the cloud is told', () => {
  it('has ids, times, what was sent and what was seen', async () => {
    const id = await stuck();
    const { status, body } = await support(id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      operationId: id,
      kind: 'disk.create',
      status: 'running',
      subject: 'disk.create has not ended',
      cloud: null,
      resourceIds: ['cloud-1'],
      jobIds: ['job-1'],
      requestIds: ['request-1'],
    });
    expect((body['timeline'] as { what: string }[]).map(({ what }) => what)).toEqual([
      'asked for',
      `sent, attempt 1, marked ${id}.1`,
      'taken by the cloud, job job-1, request request-1',
      'the cloud says running of cloud-1',
      'under way for more than 900 s',
    ]);
    expect(body['text']).toContain('Asked for: sizeGiB 40, type SSD, availabilityZone eu-de-01');
    expect(body['text']).not.toContain('of-the-board');
  });

  it('has where the cloud is for those who may see bindings, and no path, query or secret of it', async () => {
    const { body } = await support(await stuck(), my.admin);
    expect(body['cloud']).toMatchObject({ kind: 'evs', cloudProjectId: expect.any(String) as string });
    const { hosts, region } = body['cloud'] as { hosts: string[]; region: string };
    expect(hosts.every((host) => /^[\w.:-]+$/.test(host))).toBe(true);
    expect(body['text']).toContain(`Region: ${region}`);
    expect(Object.keys(body['cloud'] as object).sort()).toEqual(['cloudProjectId', 'hosts', 'kind', 'region']);
  });

  it('ends with what became of it', async () => {
    const id = idOf(await my.request());
    await server.fail(id);
    const { body } = await support(id);
    expect(body['subject']).toBe('disk.create failed');
    expect((body['timeline'] as { what: string }[]).at(-1)?.what).toBe(
      'failed, failed-in-cloud: The cloud could not carry it out (EVS.2024, no host)',
    );
  });

  it('is told to nobody who may not see the operation', async () => {
    expect((await support(await stuck(), my.stranger)).status).toBe(404);
  });
});
