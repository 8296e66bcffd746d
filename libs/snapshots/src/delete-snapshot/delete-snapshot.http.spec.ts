import { findingFact, findingsIn, findingStream, type Sighting } from '@strata/disks';
import { DiskProject, idOf, targetOf, type DiskServer } from '@strata/disks/contract';
import { everything } from '@strata/event-store';
import { FindingId } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { executeFact } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnapshotServer } from '../contract/snapshot-server.js';
import { snapshotFact, snapshotOf, snapshotStream } from '../snapshot/snapshot.stream.js';

let server: DiskServer;
let my: DiskProject;
beforeAll(async () => {
  server = await startSnapshotServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
});

/** As a sweep records one that the cloud does not show any more; the stream of what was found of it. */
const foundMissing = async (snapshotId: string, cloudId: string) => {
  const { store } = server.server;
  const [loaded] = (await store.load({ sight: everything, streams: [snapshotStream(snapshotId)] })).streams;
  const snapshot = loaded && snapshotOf(loaded);
  if (snapshot?.life !== 'in-cloud') throw new Error('no snapshot in the cloud');
  const { bindingId, projectId, diskId } = snapshot;
  const stream = findingStream(bindingId, cloudId);
  const subject = {
    bindingId,
    cloudId,
    projectId,
    diskId,
    resource: 'snapshot',
    snapshotId: snapshot.snapshotId,
  } as const;
  const missing: Sighting = { kind: 'missing', evidence: { differences: [], cloud: null }, ownerGuess: null };
  await executeFact(store, {
    streams: [snapshotStream(snapshotId), stream],
    meta: { actorId: WORKER_ACTOR },
    decide: ({ streams: [known, thing] }) => {
      if (!known || !thing) return undefined;
      const sightings = [{ ...missing, findingId: FindingId.parse(newId()) }];
      const swept = { type: 'RecordSwept', subject, sightings, at: new Date().toISOString() } as const;
      const seen = snapshotFact(projectId, known, { type: 'RecordSeen', sighting: null });
      return { streams: [...seen, ...findingFact(projectId, thing, swept)] };
    },
  });
  const live = async () => findingsIn((await store.load({ sight: everything, streams: [stream] })).streams[0]).live;
  return { live };
};

describe('deleting a snapshot that is missing', () => {
  it('is done at once, and ends what was found of it', async () => {
    const diskId = (await my.provisioned()).split('/').at(-1);
    const taken = await my.call('POST', `${my.path}/snapshots`, { diskId, name: 'before' });
    const [snapshotId, cloudId] = [targetOf(taken), `cloud-${newId()}`];
    await server.provision(idOf(taken), cloudId);
    const { live } = await foundMissing(snapshotId, cloudId);
    const path = `${my.path}/snapshots/${snapshotId}`;
    expect((await my.call('DELETE', `${path}?validateOnly=true`)).body).toMatchObject({ allowed: true });
    expect(await live()).toMatchObject([{ kind: 'missing' }]);
    expect((await my.call('DELETE', path)).body).toMatchObject({ kind: 'snapshot.delete', status: 'succeeded' });
    expect(await live()).toEqual([]);
    expect((await my.call('GET', path)).status).toBe(404);
  });
});
