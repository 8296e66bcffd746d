import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, patience } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
  await cloud.freeze();
});
afterAll(() => simulator.close());

interface Requests {
  readonly total: number;
  readonly calls: Record<string, { readonly total: number; readonly byStatus: Record<string, number> }>;
}
const requests = async () => (await cloud.switch<Requests>('GET', '/requests')).body.calls;
const fired = async () =>
  (await cloud.switch<{ faults: { fired: number }[] }>('GET', '/faults')).body.faults.map((fault) => fault.fired);
const disks = async () => (await cloud.list()).count;

const availableDisk = async (name: string): Promise<string> => {
  const { body } = await cloud.create({ name });
  await cloud.advance(1_500);
  return (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
};

describe('a fault before the effect', () => {
  it.each([
    ['throttle', 429, 'APIG.0308'],
    ['bad-gateway', 502, 'APIG.0201'],
    ['gateway-timeout', 504, 'APIG.0201'],
  ] as const)('%s answers %i and nothing happens', async (kind, status, code) => {
    await cloud.faults({ kind, match: { operation: 'disks.create' }, times: 2 });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refused = await cloud.create();
      expect(refused).toMatchObject({ status, body: { error_code: code } });
      expect(refused.headers.get('retry-after')).toBeNull();
    }
    expect(await disks()).toBe(0);
    expect((await cloud.create()).status).toBe(200);
    expect(await fired()).toEqual([2]);
  });

  it('drop-request closes the connection, and nothing happens', async () => {
    await cloud.faults({ kind: 'drop-request', match: { operation: 'disks.create' } });
    await expect(cloud.create()).rejects.toThrow();
    expect(await disks()).toBe(0);
    expect((await requests())['disks.create']).toEqual({ total: 1, byStatus: { dropped: 1 } });
  });
});

describe('a fault after the effect', () => {
  it('error-after-accept answers 500 EVS.2001 to work that goes on', async () => {
    await cloud.faults({ kind: 'error-after-accept', times: 1 });
    expect(await cloud.create({ name: 'kept' })).toMatchObject({ status: 500, body: { error: { code: 'EVS.2001' } } });
    await cloud.advance(1_500);
    expect((await cloud.list()).volumes).toMatchObject([{ name: 'kept', status: 'available' }]);
  });

  it('error-after-accept leaves refusals and reads as they are', async () => {
    await cloud.faults({ kind: 'error-after-accept' });
    expect((await cloud.create({ size: 1 })).status).toBe(400);
    expect((await cloud.evs('GET', '/types')).status).toBe(200);
    expect(await fired()).toEqual([0]);
  });

  it('drop-answer closes the connection after the work was accepted', async () => {
    await cloud.faults({ kind: 'drop-answer', match: { operation: ['disks.create', 'disks.delete'] } });
    await expect(cloud.create()).rejects.toThrow();
    await cloud.advance(1_500);
    const [volume] = (await cloud.list()).volumes;
    expect(volume?.status).toBe('available');
    await expect(cloud.evs('DELETE', `/cloudvolumes/${volume?.id}`)).rejects.toThrow();
    await cloud.advance(1_500);
    expect(await disks()).toBe(0);
  });

  it('hang answers after its time', async () => {
    await cloud.faults({ kind: 'hang', ms: 20, times: 1 });
    expect((await cloud.create()).status).toBe(200);
    expect(await fired()).toEqual([1]);
  });

  it('hang without a time waits until the client gives up', async () => {
    await cloud.faults({ kind: 'hang', match: { operation: 'disks.create' } });
    const giveUp = new AbortController();
    const gaveUp = fetch(`${simulator.url}/v2/${cloud.projectId}/cloudvolumes`, {
      method: 'POST',
      headers: { 'X-Auth-Token': cloud.token, 'Content-Type': 'application/json' },
      body: JSON.stringify({ volume: { availability_zone: 'eu-de-01', volume_type: 'SSD', size: 10 } }),
      signal: giveUp.signal,
    });
    await expect.poll(disks, patience).toBe(1);
    giveUp.abort();
    await expect(gaveUp).rejects.toThrow();
    await expect
      .poll(async () => (await requests())['disks.create'], patience)
      .toEqual({ total: 1, byStatus: { 'hung-up': 1 } });
  });

  it('hang does not keep the simulator from stopping', async () => {
    const other = await startSimulator();
    const client = await enter(other);
    await client.faults({ kind: 'hang', match: { operation: 'disks.create' } });
    const hanging = expect(client.create()).rejects.toThrow();
    await expect.poll(async () => (await client.list()).count, patience).toBe(1);
    await other.close();
    await hanging;
  });
});

describe('a fault of the job', () => {
  it('job-stuck runs for ever', async () => {
    await cloud.faults({ kind: 'job-stuck', match: { name: '^stuck' } });
    const stuck = (await cloud.create({ name: 'stuck-1' })).body.job_id;
    const well = (await cloud.create({ name: 'well' })).body.job_id;
    await cloud.advance(86_000_000);
    expect((await cloud.job(stuck)).body).toMatchObject({ status: 'RUNNING', end_time: '' });
    expect((await cloud.job(well)).body.status).toBe('SUCCESS');
    expect(await cloud.quota('volumes')).toMatchObject({ reserved: 1, in_use: 1 });
  });

  it('job-failed leaves a disk in error that counts, unless nothing is to be left', async () => {
    await cloud.faults(
      { kind: 'job-failed', match: { name: '^left' } },
      { kind: 'job-failed', match: { name: '^nothing' }, leaveNothing: true },
    );
    const left = (await cloud.create({ name: 'left' })).body.job_id;
    const nothing = (await cloud.create({ name: 'nothing' })).body.job_id;
    await cloud.advance(1_500);
    for (const job of [left, nothing])
      expect((await cloud.job(job)).body).toMatchObject({ status: 'FAIL', error_code: 'EVS.2024' });
    expect((await cloud.list()).volumes).toMatchObject([{ name: 'left', status: 'error' }]);
    expect(await cloud.quota('volumes')).toMatchObject({ reserved: 0, in_use: 1 });
  });

  it('job-failed fails one disk of a batch, and with it the batch', async () => {
    await cloud.faults({ kind: 'job-failed', match: { name: '-0002$' }, leaveNothing: true });
    const { body } = await cloud.create({ name: 'shard', count: 3 });
    await cloud.advance(1_500);
    const job = (await cloud.job(body.job_id)).body;
    expect(job).toMatchObject({ status: 'FAIL', error_code: 'EVS.2024' });
    expect(job.entities.sub_jobs?.map(({ status }) => status)).toEqual(['SUCCESS', 'FAIL', 'SUCCESS']);
    expect(await disks()).toBe(2);
  });

  it('job-failed leaves an extended disk in error_extending at its old size, and the difference free', async () => {
    const id = await availableDisk('grow');
    await cloud.faults({ kind: 'job-failed', match: { operation: '*.extend' } });
    const { body } = await cloud.evs<{ job_id: string }>('POST', `/cloudvolumes/${id}/action`, {
      'os-extend': { new_size: 100 },
    });
    await cloud.advance(1_500);
    expect((await cloud.job(body.job_id)).body).toMatchObject({ status: 'FAIL', error_code: 'EVS.2026' });
    expect(await cloud.volume(id)).toMatchObject({ status: 'error_extending', size: 10 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 10 });
  });

  it('job-failed leaves a deleted disk in error_deleting', async () => {
    const id = await availableDisk('stays');
    await cloud.faults({ kind: 'job-failed', match: { operation: 'disks.delete' } });
    const { body } = await cloud.evs<{ job_id: string }>('DELETE', `/cloudvolumes/${id}`);
    await cloud.advance(1_500);
    expect((await cloud.job(body.job_id)).body).toMatchObject({ status: 'FAIL', error_code: 'EVS.2020' });
    expect((await cloud.volume(id)).status).toBe('error_deleting');
  });

  it('job-lost is forgotten for good, while its work goes on', async () => {
    await cloud.faults({ kind: 'job-lost', times: 1 });
    const { body } = await cloud.create({ name: 'kept' });
    await cloud.switch('DELETE', '/faults');
    expect((await cloud.job(body.job_id)).body).toMatchObject({ error: { code: 'Common.0011' } });
    await cloud.advance(1_500);
    expect((await cloud.list()).volumes).toMatchObject([{ name: 'kept', status: 'available' }]);
  });

  it('job-lost on looks passes', async () => {
    const { body } = await cloud.create();
    await cloud.faults({ kind: 'job-lost', match: { operation: 'jobs.get' }, times: 2 });
    const statuses = [];
    for (let look = 0; look < 3; look += 1) statuses.push((await cloud.job(body.job_id)).status);
    expect(statuses).toEqual([400, 400, 200]);
  });
});

describe('a fault of the lists', () => {
  const search = async (mark: string) => {
    const body = { action: 'filter', tags: [{ key: 'mark', values: [mark] }] };
    const found = await cloud.evs<{ resources: { resource_name: string }[] }>(
      'POST',
      '/os-vendor-volumes/resource_instances/action',
      body,
    );
    return found.body.resources.map(({ resource_name }) => resource_name);
  };
  const names = async (query = '') => (await cloud.list(query)).volumes.map(({ name, status }) => `${name} ${status}`);

  it('stale-list shows lists and searches as they were, single disks and jobs as they are', async () => {
    const old = await availableDisk('old');
    await cloud.advance(10_000);
    const { body } = await cloud.create({ name: 'new', tags: { mark: 'n' }, metadata: { mark: 'n' } });
    await cloud.evs('DELETE', `/cloudvolumes/${old}`);
    await cloud.advance(2_000);
    await cloud.faults({ kind: 'stale-list', seconds: 5 });
    const filter = `?metadata=${encodeURIComponent('{"mark":"n"}')}`;
    expect(await names()).toEqual(['old available']);
    expect(await names(filter)).toEqual([]);
    expect(await search('n')).toEqual([]);
    const fresh = (await cloud.job(body.job_id)).body;
    expect(fresh.status).toBe('SUCCESS');
    expect((await cloud.volume(fresh.entities.volume_id ?? '')).status).toBe('available');
    expect((await cloud.evs('GET', `/cloudvolumes/${old}`)).status).toBe(404);
    await cloud.advance(3_000);
    expect(await names()).toEqual(['new creating', 'old deleting']);
    expect(await search('n')).toEqual(['new']);
    await cloud.advance(2_000);
    expect(await names()).toEqual(['new available']);
    expect(await names(filter)).toEqual(['new available']);
  });

  it('stale-list forgets what lies beyond its horizon, and the present stays whole', async () => {
    const gone = await availableDisk('gone');
    await availableDisk('stays');
    await cloud.evs('DELETE', `/cloudvolumes/${gone}`);
    await cloud.advance(600_000 + 1_500);
    await cloud.faults({ kind: 'stale-list', seconds: 600 });
    expect(await names()).toEqual(['stays available']);
    await cloud.switch('DELETE', '/faults');
    expect(await names()).toEqual(['stays available']);
  });

  it('late-effect shows in lists and searches only after its time what a write did, and everything else as it is', async () => {
    const [kept, gone] = [await availableDisk('kept'), await availableDisk('gone')];
    await cloud.faults(
      { kind: 'late-effect', seconds: 120, match: { operation: ['disks.create', 'disks.delete'] }, times: 2 },
      { kind: 'drop-answer', match: { operation: 'disks.create' }, times: 1 },
    );
    await expect(cloud.create({ name: 'late', tags: { mark: 'n' }, metadata: { mark: 'n' } })).rejects.toThrow();
    await cloud.evs('DELETE', `/cloudvolumes/${gone}`);
    await cloud.create({ name: 'prompt' });
    expect(await fired()).toEqual([2, 1]);
    const filter = `?metadata=${encodeURIComponent('{"mark":"n"}')}`;
    await cloud.advance(119_999);
    expect(await names()).toEqual(['prompt available', 'gone available', 'kept available']);
    expect([await names(filter), await search('n')]).toEqual([[], []]);
    expect((await cloud.evs('GET', `/cloudvolumes/${gone}`)).status).toBe(404);
    expect((await cloud.volume(kept)).status).toBe('available');
    await cloud.advance(1);
    expect(await names()).toEqual(['prompt available', 'late available', 'kept available']);
    expect([await names(filter), await search('n')]).toEqual([['late available'], ['late']]);
  });

  it('late-effect meets snapshots too, and what was late already stays late as long', async () => {
    const disk = await availableDisk('disk');
    await cloud.faults(
      { kind: 'late-effect', seconds: 60, match: { operation: 'snapshots.create' } },
      { kind: 'late-effect', seconds: 5, match: { operation: 'snapshots.update' } },
    );
    const snapshot = { volume_id: disk, name: 'before' };
    const { body } = await cloud.evs<{ snapshot: { id: string } }>('POST', '/cloudsnapshots', { snapshot });
    await cloud.advance(1_500);
    const single = `/cloudsnapshots/${body.snapshot.id}`;
    await cloud.evs('PUT', single, { snapshot: { name: 'after' } });
    const listed = async () => {
      const found = await cloud.evs<{ snapshots: { name: string }[] }>('GET', '/cloudsnapshots/detail');
      return found.body.snapshots.map(({ name }) => name);
    };
    await cloud.advance(58_499);
    expect(await listed()).toEqual([]);
    expect((await cloud.evs('GET', single)).body).toMatchObject({ snapshot: { name: 'after', status: 'available' } });
    await cloud.advance(1);
    expect(await listed()).toEqual(['after']);
  });

  it('late-effect leaves refusals as they are', async () => {
    await cloud.faults({ kind: 'late-effect', seconds: 5 });
    expect((await cloud.create({ size: 1 })).status).toBe(400);
    expect(await fired()).toEqual([0]);
  });

  it('tag-search-off answers 404, or nothing', async () => {
    await availableDisk('disk');
    await cloud.faults({ kind: 'tag-search-off' });
    const body = { action: 'filter', tags: [] };
    expect(await cloud.evs('POST', '/os-vendor-volumes/resource_instances/action', body)).toMatchObject({
      status: 404,
      body: { error_code: 'APIG.0101' },
    });
    await cloud.faults({ kind: 'tag-search-off', answer: 'empty' });
    expect(await cloud.evs('POST', '/os-vendor-volumes/resource_instances/action', body)).toMatchObject({
      status: 200,
      body: { total_count: 0, resources: [] },
    });
  });

  it('metadata-filter-ignored shows all', async () => {
    await availableDisk('one');
    await availableDisk('two');
    await cloud.faults({ kind: 'metadata-filter-ignored' });
    expect(await names(`?metadata=${encodeURIComponent('{"mark":"n"}')}`)).toEqual(['two available', 'one available']);
  });
});

describe('which requests a fault meets', () => {
  it('is narrowed by operation, project and disk name', async () => {
    const second = 'cd'.repeat(16);
    await cloud.switch('PUT', `/projects/${second}`, {});
    const other = await enter(simulator, second);
    await cloud.faults({ kind: 'throttle', match: { operation: 'disks.*', cloudProjectId: second, name: '^unlucky' } });
    expect((await other.create({ name: 'unlucky-1' })).status).toBe(429);
    expect((await other.create({ name: 'lucky' })).status).toBe(200);
    expect((await cloud.create({ name: 'unlucky-1' })).status).toBe(200);
    expect((await other.evs('GET', '/cloudvolumes/detail')).status).toBe(200);
  });

  it('is drawn by a seed, the same again', async () => {
    const draw = async (seed: number) => {
      await cloud.switch('POST', '/faults', { faults: [{ kind: 'throttle', probability: 0.5 }], seed });
      const statuses = [];
      for (let request = 0; request < 40; request += 1) statuses.push((await cloud.evs('GET', '/types')).status);
      return statuses;
    };
    const first = await draw(7);
    expect(await draw(7)).toEqual(first);
    expect(await draw(8)).not.toEqual(first);
    const throttled = first.filter((status) => status === 429).length;
    expect(throttled).toBeGreaterThan(8);
    expect(throttled).toBeLessThan(32);
  });

  it('goes to the first that matches when there are several', async () => {
    await cloud.faults({ kind: 'bad-gateway', times: 1 }, { kind: 'throttle' });
    expect((await cloud.evs('GET', '/types')).status).toBe(502);
    expect((await cloud.evs('GET', '/types')).status).toBe(429);
    await cloud.switch('DELETE', '/faults');
    expect((await cloud.evs('GET', '/types')).status).toBe(200);
  });
});
