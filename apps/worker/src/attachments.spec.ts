import { randomUUID } from 'node:crypto';
import { statusOf, type Disk } from '@strata/disks';
import type { DiskId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { forEachWork } from './contract/for-each-test.js';
import { cloudProjectId, spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let serverId: string;

forEachWork(async (started) => {
  work = started;
  serverId = await work.server({ projectId: cloudProjectId, availabilityZone: spec.availabilityZone });
});

const attach = async (diskId: DiskId, cloudId: string, to = serverId) => {
  const command = { type: 'RequestAttachment', serverId: to, device: null };
  const input = { diskId, cloudId, serverId: to, device: null };
  return work.carryOut(await work.request('disk.attach', diskId, input, command));
};
const detach = async (diskId: DiskId, cloudId: string) => {
  const command = { type: 'RequestDetachment', serverId };
  return work.carryOut(await work.request('disk.detach', diskId, { diskId, cloudId, serverId }, command));
};
const attachmentsOf = (disk: Disk) => (disk.life === 'in-cloud' ? disk.traits.attachments : undefined);

/** Each leaves the worker without an answer to something that took effect. */
const lostAnswers = ['drop-answer', 'error-after-accept', 'hang'] as const;

describe('attaching a disk', () => {
  it('ends with the disk in use, at the device that the server gave it', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const { operation } = await attach(diskId, cloudId);
    expect(operation.status).toBe('succeeded');
    const disk = await work.diskNow(diskId);
    expect(statusOf(disk)).toBe('in-use');
    expect(attachmentsOf(disk)).toEqual([{ serverId, device: expect.stringMatching(/^\/dev\//) as string }]);
    expect(await work.disksInCloud()).toMatchObject([{ status: 'in-use', attachments: attachmentsOf(disk) }]);
    expect(await work.figures()).toEqual({ held: 0, used: 20, releasing: 0 });
  });

  it.each(lostAnswers)('is done once when the answer is lost (%s)', async (kind) => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind, times: 1, match: { operation: 'servers.attach' } });
    const { operation } = await attach(diskId, cloudId);
    expect(operation.status).toBe('succeeded');
    expect(await work.disksInCloud()).toMatchObject([{ attachments: [{ serverId }] }]);
  });

  it('fails with what the cloud says, and leaves the disk as it was', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const elsewhere = await work.server({ projectId: cloudProjectId, availabilityZone: 'eu-de-02' });
    const { operation } = await attach(diskId, cloudId, elsewhere);
    expect(operation).toMatchObject({ status: 'failed', error: { owner: 'you' } });
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
  });

  it('fails for a server that is not there, and says whose id was wrong', async () => {
    const { diskId, cloudId } = await work.provisioned();
    const nobody = randomUUID();
    const { operation } = await attach(diskId, cloudId, nobody);
    const cloud = { message: `the cloud project has no server ${nobody}` };
    expect(operation).toMatchObject({ status: 'failed', error: { owner: 'you', cloud } });
  });

  it('fails when the job of the server does', async () => {
    const { diskId, cloudId } = await work.provisioned();
    await work.faults({ kind: 'job-failed', times: 1, match: { operation: 'servers.attach' } });
    expect((await attach(diskId, cloudId)).operation.status).toBe('failed');
    expect(statusOf(await work.diskNow(diskId))).toBe('available');
  });
});

describe('detaching a disk', () => {
  it.each([undefined, ...lostAnswers])('ends with the disk available (%s)', async (kind) => {
    const { diskId, cloudId } = await work.provisioned();
    await attach(diskId, cloudId);
    if (kind) await work.faults({ kind, times: 1, match: { operation: 'servers.detach' } });
    const { operation } = await detach(diskId, cloudId);
    expect(operation.status).toBe('succeeded');
    const disk = await work.diskNow(diskId);
    expect([statusOf(disk), attachmentsOf(disk)]).toEqual(['available', []]);
    expect(await work.disksInCloud()).toMatchObject([{ status: 'available', attachments: [] }]);
  });
});
