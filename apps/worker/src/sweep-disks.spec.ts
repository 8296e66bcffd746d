import type { DiskCloud } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { decideDisk, diskOf, diskStream, statusOf, sweepDisks, type DiskCommand } from '@strata/disks';
import { everything } from '@strata/event-store';
import { OperationId, ProjectId, TransferId, type DiskId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;

forEachWork((started) => void (work = started));

describe('the sweep', () => {
  const traits = { bootable: false, shareable: false, encrypted: false, attachments: [] };
  const seen = { ...spec, busy: false, doubtful: false, cloudStatus: 'available', traits, madeBy: null };
  const change = (cloudId: string, body: object) =>
    fetch(`${work.simulator.url}/_simulator/disks/${cloudId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const extended = async (diskId: DiskId, cloudId: string, sizeGiB: number) => {
    const command = { type: 'RequestExtension', sizeGiB };
    return work.carryOut(await work.request('disk.extend', diskId, { diskId, cloudId, sizeGiB }, command));
  };
  const sweep = async (
    known: { diskId: DiskId; cloudId: string; doubtful?: boolean }[],
    of: DiskCloud = work.cloud,
  ) => {
    const { projectId, bindingId } = work;
    const shown = known.map((ids) => ({ ...seen, ...ids, projectId, bindingId }));
    return sweepDisks(
      {
        store: work.store,
        cloud: of,
        disksOf: async function* () {
          yield await Promise.resolve(shown);
        },
        findingsOf: async function* () {
          yield await Promise.resolve([]);
        },
        disksByCloudId: (ids) => Promise.resolve(shown.filter(({ cloudId }) => ids.includes(cloudId))),
        budget: () => Promise.resolve(),
        now: () => new Date().toISOString(),
        requestTimeoutMs: 15_000,
        visibilityMs: 120_000,
      },
      bindingId,
    );
  };

  it('finds what changed and what is gone, and leaves alone what is not ours', async () => {
    const [kept, gone] = [await work.provisioned(), await work.provisioned()];
    await change(kept.cloudId, { size: 50 });
    await change(gone.cloudId, { delete: true });
    const foreign = await work.cloud.createDisk(
      { ...spec, marker: `${newId()}.1` },
      { timeoutMs: 30_000, mayStillSend: () => true },
    );
    expect(foreign.outcome).toBe('accepted');
    expect(await sweep([kept, gone])).toMatchObject({ changed: 1, missing: 1, surplusRemoved: 0 });
    expect(await work.diskNow(kept.diskId)).toMatchObject({ sizeGiB: 50 });
    expect(statusOf(await work.diskNow(gone.diskId))).toBe('error');
    expect(await work.disksInCloud()).toHaveLength(2);
    expect(await sweep([kept, gone])).toMatchObject({ changed: 0, missing: 0 });
  });

  it('takes no list for news that is behind what the log has learnt since', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'late-effect', seconds: 120, match: { operation: 'disks.extend' } });
    await extended(diskId, cloudId, 30);
    expect(await work.disksInCloud()).toMatchObject([{ sizeGiB: 20 }]);
    expect(await sweep([{ diskId, cloudId }])).toMatchObject({ changed: 0, findings: 0 });
    expect(await sweep([{ diskId, cloudId, doubtful: true }])).toMatchObject({ changed: 0, findings: 0 });
    expect(await work.diskNow(diskId)).toMatchObject({ sizeGiB: 30 });
    expect(await work.figures()).toEqual({ held: 0, used: 30, releasing: 0 });
  });

  it('records nothing that was seen before work on the disk that has ended since', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const slow = Object.assign(new EvsDiskCloud(work.access()), {
      findDisks: async (ids: readonly string[]) => {
        const found = await work.cloud.findDisks(ids);
        await extended(diskId, cloudId, 30);
        return found;
      },
    });
    await sweep([{ diskId, cloudId, doubtful: true }], slow);
    await slow.close();
    expect(await work.diskNow(diskId)).toMatchObject({ sizeGiB: 30 });
    expect(await work.figures()).toEqual({ held: 0, used: 30, releasing: 0 });
  });

  it('settles an undecided extension though the cloud shows the disk as it was before', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'job-failed', times: 1 });
    await extended(diskId, cloudId, 30);
    await change(cloudId, { status: 'available', size: 20 });
    expect(await sweep([{ diskId, cloudId, doubtful: true }])).toMatchObject({ changed: 1 });
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it('writes in the project that the disk lies in, whatever the view still says', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const { bindingId } = work;
    const [projectId, transferId] = [ProjectId.parse(newId()), TransferId.parse(newId())];
    await work.append({
      changes: [{ change: 'project-added', projectId, parentId: null, bindingId, name: 'receiver' }],
    });
    const loaded = async () => {
      const [stream] = (await work.store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
      if (!stream) throw new Error('no stream');
      return stream;
    };
    const decided = async (command: DiskCommand, into: ProjectId) => {
      const { stream, version: expectedVersion, ...now } = await loaded();
      const decision = decideDisk(command, diskOf({ stream, version: expectedVersion, ...now }));
      if (!decision.accepted) throw new Error(decision.refusal.type);
      await work.append({ streams: [{ stream, projectId: into, expectedVersion, events: decision.events }] });
    };
    await decided({ type: 'RequestOffer', transferId }, work.projectId);
    const operationId = OperationId.parse(newId());
    const madeAt = '2026-11-22T10:00:00.000Z';
    await decided({ type: 'Receive', transferId, projectId, bindingId, operationId, madeAt }, projectId);

    expect(await sweep([{ diskId, cloudId }])).toMatchObject({
      unknown: 0,
      changed: 0,
      findings: 0,
      surplusRemoved: 0,
    });
    await change(cloudId, { size: 50 });
    expect(await sweep([{ diskId, cloudId }])).toMatchObject({ changed: 1 });
    const { events } = await loaded();
    expect(events.slice(-2)).toMatchObject([
      { type: 'DiskReceived', projectId },
      { type: 'DiskObserved', projectId },
    ]);
  });

  it('leaves a disk alone that was made anew, whatever the view still calls it', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await change(cloudId, { delete: true });
    expect(await sweep([{ diskId, cloudId }])).toMatchObject({ missing: 1 });
    const input = { diskId, cloudId, ...spec };
    await work.carryOut(await work.request('disk.recreate', diskId, input, { type: 'RequestRecreation' }));
    const recreated = await work.diskNow(diskId);
    expect([statusOf(recreated), recreated.life === 'in-cloud' && recreated.cloudId === cloudId]).toEqual([
      'available',
      false,
    ]);

    expect(await sweep([{ diskId, cloudId, doubtful: true }])).toMatchObject({ missing: 0, changed: 0, findings: 0 });
    // The first one turns up again: somebody else made it look so.
    const back = (await work.disksInCloud()).map((disk) => ({ ...disk, cloudId, sizeGiB: 77 }));
    const ofBoth = Object.assign(new EvsDiskCloud(work.access()), { findDisks: () => Promise.resolve(back) });
    expect(await sweep([{ diskId, cloudId, doubtful: true }], ofBoth)).toMatchObject({ changed: 0 });
    await ofBoth.close();
    expect(await work.diskNow(diskId)).toEqual(recreated);
  });

  it('removes a second resource of ours that nothing adopted', async () => {
    const { diskId, operationId } = await work.requestDisk();
    await work.carryOut(operationId);
    const late = { ...spec, marker: `${operationId}.7` };
    await work.cloud.createDisk(late, { timeoutMs: 30_000, mayStillSend: () => true });
    const disk = await work.diskNow(diskId);
    if (disk.life !== 'in-cloud') throw new Error('not in the cloud');
    expect(await sweep([{ diskId, cloudId: disk.cloudId }])).toMatchObject({ surplusRemoved: 1 });
    expect(await work.disksInCloud()).toMatchObject([{ marker: `${operationId}.1` }]);
  });
});
