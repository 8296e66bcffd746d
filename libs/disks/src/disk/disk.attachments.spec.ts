import { TransferId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { fault, given, id, later, missing, observed, provisioned, requested, work } from '../contract/disk-story.js';
import { decideDisk, diskEvent, foldDisk, MOST_SERVERS } from './index.js';

const server = (last: number) => `a1b2c3d4-0000-4000-8000-0000000000${String(last).padStart(2, '0')}`;
const to = (last: number, device: string | null = null) => ({ serverId: server(last), device });

const attaching = diskEvent('DiskAttachmentRequested', { ...work, ...to(1) });
const attached = diskEvent('DiskAttached', { operationId: later, ...to(1, '/dev/vdb') });
const detaching = diskEvent('DiskDetachmentRequested', { ...work, serverId: server(1) });
const detached = diskEvent('DiskDetached', { operationId: later, serverId: server(1) });
const shared = (servers: number) =>
  observed({
    shareable: true,
    status: servers > 0 ? 'in-use' : 'available',
    attachments: Array.from({ length: servers }, (_, index) => to(index + 1, '/dev/vdb')),
  });
const attach = (last: number) => ({ type: 'RequestAttachment', ...to(last), work }) as const;
const detach = (last: number) => ({ type: 'RequestDetachment', serverId: server(last), work }) as const;

describe('a disk that is to be attached', () => {
  it('is free for it while it is available', () => {
    given(requested, provisioned).when(attach(1)).then(attaching);
    given(requested, provisioned, attaching).shows('attaching');
  });

  it('is in use at the server and the device that the cloud names', () => {
    const report = { type: 'RecordAttached', operationId: later, ...to(1, '/dev/vdb') } as const;
    given(requested, provisioned, attaching).when(report).then(attached);
    given(requested, provisioned, attaching, attached).when(report).then();
    given(requested, provisioned, attaching, attached).shows(
      'in-use',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'detach',
    );
    const disk = foldDisk([requested, provisioned, attaching, attached]);
    expect(disk).toMatchObject({ traits: { attachments: [to(1, '/dev/vdb')] } });
  });

  it('is as it was when the cloud refused', () => {
    const failed = diskEvent('DiskAttachmentFailed', { operationId: later, fault });
    given(requested, provisioned, attaching)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(failed);
    given(requested, provisioned, attaching, failed).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'transfer',
      'delete',
    );
  });

  it('belongs to one server, unless it is shareable', () => {
    given(requested, provisioned, attaching, attached)
      .when(attach(2))
      .thenRefused({
        type: 'disk-attached',
        blockers: [{ kind: 'server', id: server(1), reason: 'the disk is attached to it' }],
      });
    given(requested, provisioned, shared(1))
      .when(attach(2))
      .then(diskEvent('DiskAttachmentRequested', { ...work, ...to(2) }));
  });

  it(`is shared by ${MOST_SERVERS} servers at most`, () => {
    given(requested, provisioned, shared(MOST_SERVERS - 1))
      .when(attach(MOST_SERVERS))
      .then(diskEvent('DiskAttachmentRequested', { ...work, ...to(MOST_SERVERS) }));
    given(requested, provisioned, shared(MOST_SERVERS))
      .when(attach(17))
      .thenRefused({ type: 'too-many-servers', most: MOST_SERVERS });
  });

  it('is not attached to the same server twice', () => {
    given(requested, provisioned, shared(2))
      .when(attach(2))
      .thenRefused({ type: 'already-attached', ...to(2, '/dev/vdb') });
  });

  it('is neither deleted nor attached elsewhere meanwhile', () => {
    given(requested, provisioned, attaching).when(attach(2)).thenRefused('disk-busy');
    given(requested, provisioned, attaching, attached)
      .when({ type: 'RequestDeletion', work })
      .thenRefused('disk-attached');
  });
});

describe('a disk that is to be detached', () => {
  const inUse = [requested, provisioned, attaching, attached];

  it('is attached to that server', () => {
    given(...inUse)
      .when(detach(1))
      .then(detaching);
    given(...inUse)
      .when(detach(2))
      .thenRefused({ type: 'not-attached', serverId: server(2) });
    given(...inUse, detaching).shows('detaching');
  });

  it('is available once it is detached from the last one', () => {
    given(...inUse, detaching)
      .when({ type: 'RecordDetached', operationId: later, serverId: server(1) })
      .then(detached);
    given(...inUse, detaching, detached).shows(
      'available',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'attach',
      'transfer',
      'delete',
    );
  });

  it('stays in use at the others', () => {
    given(requested, provisioned, shared(2), detaching, detached).shows(
      'in-use',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'attach',
      'detach',
    );
  });

  it('is as it was when the cloud refused', () => {
    const failed = diskEvent('DiskDetachmentFailed', { operationId: later, fault });
    given(...inUse, detaching)
      .when({ type: 'RecordFailed', operationId: later, fault, broken: false })
      .then(failed);
    given(...inUse, detaching, failed).shows(
      'in-use',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'detach',
    );
  });
});

describe('what happened elsewhere to attachments', () => {
  it('is observed', () => {
    const sighting = observed({ status: 'in-use', cloudStatus: 'in-use', attachments: [to(3, '/dev/sda')] });
    const decision = decideDisk(
      { type: 'RecordSeen', operationId: null, sighting: sighting.data.sighting },
      foldDisk([requested, provisioned]),
    );
    expect(decision).toMatchObject({ accepted: true, events: [{ type: 'DiskObserved' }] });
    given(requested, provisioned, sighting).shows(
      'in-use',
      'refresh',
      'update',
      'image',
      'retype',
      'snapshot',
      'extend',
      'detach',
    );
  });
});

describe('a disk of a cloud where Strata attaches nothing', () => {
  const there = diskEvent('DiskRequested', { ...requested.data, attachable: false }, requested.charges);
  const notOffered = { type: 'attach-not-offered' } as const;
  const rest = ['refresh', 'update', 'image', 'snapshot', 'extend', 'retype'];

  it('is requested as one', () => {
    const work = { operationId: there.data.operationId, shownAs: there.data.shownAs };
    const { diskId, projectId, bindingId, spec } = requested.data;
    given().when({ type: 'RequestDisk', diskId, projectId, bindingId, spec, attachable: false, work }).then(there);
  });

  it('offers neither to attach nor to detach it, and refuses both by name', () => {
    given(there, provisioned).shows('available', ...rest, 'transfer', 'delete');
    given(there, provisioned).when(attach(1)).thenRefused(notOffered);
    const elsewhere = observed({ status: 'in-use', attachments: [to(1, '/dev/vdb')] });
    given(there, provisioned, elsewhere).shows('in-use', ...rest);
    given(there, provisioned, elsewhere).when(detach(1)).thenRefused(notOffered);
  });

  it('stays one when it is made anew, and when it goes over to another project', () => {
    const remade = diskEvent('DiskRecreated', { operationId: later, cloudId: 'cloud-2' });
    given(there, provisioned, missing, diskEvent('DiskRecreationRequested', work), remade)
      .when(attach(1))
      .thenRefused(notOffered);
    const transferId = TransferId.parse(id(91));
    const { projectId, bindingId } = requested.data;
    const madeAt = '2026-11-22T10:00:00.000Z';
    const arrival = { type: 'Receive', transferId, projectId, bindingId, operationId: later, madeAt } as const;
    const offered = foldDisk([there, provisioned, diskEvent('DiskOffered', { transferId })]);
    const received = decideDisk(arrival, offered);
    if (!received.accepted) throw new Error(received.refusal.type);
    given(...received.events).shows('available', ...rest, 'transfer', 'delete');
  });
});
