import { repairFinding, type FindingRow } from '@strata/disks';
import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import { DiskId, FindingId, ProjectId, type OperationId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { FollowedWork } from './contract/followed-work.js';
import { forEachFollowedWork } from './contract/for-each-test.js';
import type { WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let followed: FollowedWork;

forEachFollowedWork((started) => {
  followed = started;
  ({ work } = started);
});

const sweep = () => followed.sweep();
const found = () => followed.findings();
const head = async () => (await work.store.head()).position;

/** A disk with labels, as users make them. */
const labelled = async () => {
  const disk = await work.provisioned();
  const change = { tags: { team: 'ledger', env: 'prod' }, metadata: { note: 'ours' } };
  await work.carryOut(await asked('disk.update', disk, { change }, { type: 'RequestChange', change }));
  return disk;
};
type Made = Awaited<ReturnType<WorkUnderTest['provisioned']>>;
const asked = (kind: string, { diskId, cloudId }: Made, input: object, command: object): Promise<OperationId> =>
  work.request(kind, diskId, { diskId, cloudId, ...input }, command);
/** Somebody works past Strata; its marker stays. */
const behind = async ({ cloudId }: Made, change: object) => {
  const now = await work.cloud.findDisk(cloudId);
  const marker = now?.marker ?? '';
  const marked = { 'strata-marker': marker.replace('.', '_') };
  await work.simulate(`disks/${cloudId}`, {
    ...{ name: 'theirs', description: 'not by Strata' },
    ...{ tags: { ...marked, team: 'theirs', cost: '' }, metadata: { 'strata.marker': marker, note: 'theirs' } },
    ...change,
  });
};
const repair = async ({ key, cloudId, diskId, doc }: FindingRow): Promise<string> => {
  const { store, bindingId } = work;
  const grants = [{ projectId: work.projectId, role: 'operator' as const }];
  const caller = { actorId: newId(), kind: 'service-token' as const, tokenId: newId(), grants, platformRoles: [] };
  const call = { caller, requestId: newId(), fingerprint: '', validateOnly: false };
  const ids = { findingId: FindingId.parse(key), diskId: DiskId.parse(diskId) };
  const of = { bindingId, cloudId, projectId: ProjectId.parse(doc.projectId), ...ids };
  const { executed } = await repairFinding({ store, ledger: new PostgresQuotaLedger(store.pool) }, call, of);
  if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
  return String(executed.answer['operationId']);
};
const expectAsItWas = async ({ diskId, cloudId }: Made) => {
  const asItWas = {
    ...{ name: 'ledger', description: '', tags: { team: 'ledger', env: 'prod' }, metadata: { note: 'ours' } },
  };
  expect(await work.cloud.findDisk(cloudId)).toMatchObject({ ...asItWas, marks: 'whole' });
  const { tags } = (await work.cloud.findDisk(cloudId)) ?? {};
  expect(tags).toEqual(asItWas.tags);
  expect(await work.diskNow(diskId)).toMatchObject(asItWas);
};

describe('what somebody else changed of a disk', () => {
  it('is found until somebody decides, and is no news while nobody does', async () => {
    await behind(await labelled(), {});
    expect(await sweep()).toMatchObject({ changed: 1, findings: 1 });
    const [open] = await found();
    expect(open?.doc.evidence.differences).toHaveLength(6);
    expect(new Set(open?.doc.evidence.differences)).toEqual(
      new Set([
        { member: 'name', log: 'ledger', cloud: 'theirs' },
        { member: 'description', log: '', cloud: 'not by Strata' },
        { member: 'tags.team', log: 'ledger', cloud: 'theirs' },
        { member: 'tags.env', log: 'prod', cloud: null },
        { member: 'metadata.note', log: 'ours', cloud: 'theirs' },
        { member: 'tags.cost', log: null, cloud: '' },
      ]),
    );
    const before = await head();
    expect(await sweep()).toMatchObject({ changed: 0, findings: 1 });
    expect(await head()).toBe(before);
  });

  it('is written back as it was, and the next sweep has nothing to say', async () => {
    const disk = await labelled();
    await behind(disk, {});
    await sweep();
    const [open] = await found();
    if (!open) throw new Error('nothing was found');
    const { operation } = await work.carryOut(await repair(open));
    expect(operation).toMatchObject({ kind: 'disk.update', status: 'succeeded' });
    await expectAsItWas(disk);
    expect(await found()).toMatchObject([{ key: open.key, status: 'resolved' }]);
    expect(await sweep()).toMatchObject({ changed: 0, repaired: 0, findings: 0 });
  });

  it.each(['drop-answer', 'drop-request', 'error-after-accept'])(
    'is written back though answers are lost (%s)',
    async (kind) => {
      const disk = await labelled();
      await behind(disk, {});
      await sweep();
      const [open] = await found();
      if (!open) throw new Error('nothing was found');
      const operationId = await repair(open);
      const writes = ['disks.update', 'metadata.merge', 'tags.change'];
      await work.faults(...writes.map((operation) => ({ kind, times: 1, match: { operation } }) as never));
      const { operation } = await work.carryOut(operationId);
      expect(operation.status).toBe('succeeded');
      await expectAsItWas(disk);
      expect(await found()).toMatchObject([{ status: 'resolved' }]);
    },
  );

  it('is in order again when they put it back themselves', async () => {
    const disk = await labelled();
    await behind(disk, {});
    await sweep();
    const tags = { team: 'ledger', env: 'prod' };
    const marker = (await work.cloud.findDisk(disk.cloudId))?.marker ?? '';
    const marked = { 'strata-marker': marker.replace('.', '_') };
    const labels = { tags: { ...tags, ...marked }, metadata: { 'strata.marker': marker, note: 'ours' } };
    await behind(disk, { name: 'ledger', description: '', ...labels });
    expect(await sweep()).toMatchObject({ changed: 1, findings: 0 });
    await expectAsItWas(disk);
    expect(await found()).toMatchObject([{ status: 'resolved' }]);
  });

  it('is taken over by a refresh, whichever way it looked before', async () => {
    const disk = await labelled();
    await behind(disk, {});
    await sweep();
    await work.carryOut(await asked('disk.refresh', disk, {}, { type: 'RequestRefresh' }));
    expect(await found()).toMatchObject([{ status: 'resolved' }]);
    expect(await work.diskNow(disk.diskId)).toMatchObject({ name: 'theirs', metadata: { note: 'theirs' } });
    expect(await sweep()).toMatchObject({ changed: 0, findings: 0 });
  });

  it('is found where only metadata was changed', async () => {
    const disk = await labelled();
    const tags = { team: 'ledger', env: 'prod' };
    const marker = (await work.cloud.findDisk(disk.cloudId))?.marker ?? '';
    const marked = { 'strata-marker': marker.replace('.', '_') };
    await behind(disk, { name: 'ledger', description: '', tags: { ...tags, ...marked } });
    expect(await sweep()).toMatchObject({ changed: 1, findings: 1 });
    expect((await found())[0]?.doc.evidence.differences.map(({ member }) => member)).toEqual(['metadata.note']);
  });

  it('is no metadata that the cloud writes itself, also after the log took that over', async () => {
    const disk = await labelled();
    const marker = (await work.cloud.findDisk(disk.cloudId))?.marker ?? '';
    const labels = { 'strata.marker': marker, note: 'ours' };
    const tags = { team: 'ledger', env: 'prod', 'strata-marker': marker.replace('.', '_') };
    const asOurs = { name: 'ledger', description: '', tags };
    await behind(disk, { ...asOurs, metadata: { ...labels, orderID: '7' } });
    await work.carryOut(await asked('disk.refresh', disk, {}, { type: 'RequestRefresh' }));
    expect(await work.diskNow(disk.diskId)).toMatchObject({ metadata: { note: 'ours', orderID: '7' } });
    await behind(disk, { ...asOurs, metadata: { ...labels, orderID: '8' } });
    expect(await sweep()).toMatchObject({ changed: 1, findings: 0 });
    expect(await work.diskNow(disk.diskId)).toMatchObject({ metadata: { note: 'ours', orderID: '8' } });
  });
});
