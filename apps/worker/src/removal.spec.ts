import { findings, findingsIn, findingStream, type FindingRow } from '@strata/disks';
import { everything } from '@strata/event-store';
import { ActorId, FindingId, OperationId, ProjectId } from '@strata/kernel';
import { operationEvent } from '@strata/operations';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { FollowedWork } from './contract/followed-work.js';
import { forEachFollowedWork } from './contract/for-each-test.js';
import { cloudProjectId, spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let followed: FollowedWork;

forEachFollowedWork((started) => {
  followed = started;
  ({ work } = started);
});

const sweep = () => followed.sweep();

/** What somebody else made in the cloud, and a sweep has found. */
const stranger = async (): Promise<FindingRow['doc']> => {
  await work.cloud.createDisk({ ...spec, marker: `${newId()}.1` }, { timeoutMs: 30_000, mayStillSend: () => true });
  const [made] = await work.disksInCloud();
  await work.simulate(`disks/${made?.cloudId}`, { metadata: {}, tags: {} });
  await sweep();
  return finding();
};
const finding = async (): Promise<FindingRow['doc']> => {
  const [row] = await followed.findings();
  if (row === undefined) throw new Error('nothing was found');
  return row.doc;
};

/** What the api would write when two people have approved. */
const approved = async ({ id, cloud, resource, diskId, evidence }: FindingRow['doc']): Promise<OperationId> => {
  const { bindingId } = work;
  const [findingId, operationId] = [FindingId.parse(id), OperationId.parse(newId())];
  const projectId = ProjectId.parse(bindingId);
  const [stream, at] = [findingStream(bindingId, cloud.id), '2026-12-01T00:00:00.000Z'];
  const people = [ActorId.parse(newId()), ActorId.parse(newId())] as const;
  const commands = [
    { type: 'RequestRemoval', findingId, by: people[0], reason: 'unused', at, expiresAt: '2099-01-01T00:00:00.000Z' },
    ...people.map((by) => ({ type: 'ApproveRemoval', findingId, by, issuers: [], at, operationId }) as const),
  ] as const;
  for (const command of commands) {
    const [loaded] = (await work.store.load({ sight: everything, streams: [stream] })).streams;
    const decision = findings.decide(command, findingsIn(loaded));
    if (!decision.accepted) throw new Error(decision.refusal.type);
    await work.append({
      streams: [{ stream, projectId, expectedVersion: loaded?.version ?? 0, events: decision.events }],
    });
  }
  const requested = operationEvent('OperationRequested', {
    ...{ operationId, kind: 'finding.remove', projectId, bindingId, partOf: null, parts: [], retryOf: null },
    target: { type: 'binding', id: bindingId },
    input: { findingId: id, cloudId: cloud.id, resource, diskId, seen: evidence.cloud },
  });
  await work.append({
    streams: [{ stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: [requested] }],
  });
  return operationId;
};
describe('removing what Strata did not make', () => {
  it.each([undefined, 'drop-answer', 'error-after-accept', 'hang'] as const)(
    'ends when its absence was observed (%s)',
    async (kind) => {
      const operationId = await approved(await stranger());
      if (kind) await work.faults({ kind, times: 1, match: { operation: 'disks.delete' } });
      expect((await work.carryOut(operationId)).operation.status).toBe('succeeded');
      expect(await work.disksInCloud()).toEqual([]);
      expect(await finding()).toMatchObject({ status: 'resolved', removal: { status: 'done', operationId } });
    },
  );

  it.each<[string, (cloudId: string) => Promise<unknown>]>([
    ['it was changed', (cloudId) => work.simulate(`disks/${cloudId}`, { size: 30 })],
    ['somebody marked it', (cloudId) => work.simulate(`disks/${cloudId}`, { metadata: { 'strata.marker': 'x.1' } })],
    ['it has a snapshot', (cloudId) => work.simulate(`disks/${cloudId}/snapshots`, {})],
    [
      'it is in use',
      async (diskId) => {
        const { availabilityZone } = spec;
        const serverId = await work.server({ projectId: cloudProjectId, availabilityZone });
        return work.simulate(`servers/${serverId}/attachments`, { diskId });
      },
    ],
  ])('sends nothing when %s since', async (_why, change) => {
    const found = await stranger();
    const operationId = await approved(found);
    await change(found.cloud.id);
    const { operation } = await work.carryOut(operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { cloud: { code: 'left-alone' } } });
    expect(await work.disksInCloud()).toHaveLength(1);
    expect(await work.requests()).not.toHaveProperty(['disks.delete']);
    expect(await finding()).toMatchObject({ status: 'open', removal: { status: 'failed' } });
  });

  it('is left alone by a sweep while it is under way, and ends the finding by itself', async () => {
    const found = await stranger();
    const operationId = await approved(found);
    await work.simulate(`disks/${found.cloud.id}`, { delete: true });
    await sweep();
    expect(await finding()).toMatchObject({ status: 'open' });
    expect((await work.carryOut(operationId)).operation.status).toBe('succeeded');
    expect(await finding()).toMatchObject({ status: 'resolved', removal: { status: 'done' } });
  });
});
