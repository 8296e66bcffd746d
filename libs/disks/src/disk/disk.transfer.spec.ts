import { BindingId, ProjectId, SnapshotId, TransferId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import {
  atRest,
  amount,
  create,
  deleting,
  fault,
  given,
  id,
  later,
  missing,
  observed,
  projectId,
  provisioned,
  requested,
  shownAs,
  vanished,
  whole,
  work,
} from '../contract/disk-story.js';
import { decideDisk, diskEvent, foldDisk, type DiskEvent } from './index.js';

const transferId = TransferId.parse(id(91));
const receiver = { projectId: ProjectId.parse(id(92)), bindingId: BindingId.parse(id(3)) };
const madeAt = '2026-11-22T10:00:00.000Z';

const there = [requested, provisioned] as const;
const offered = diskEvent('DiskOffered', { transferId });
const ended = diskEvent('DiskOfferEnded', { transferId });
const offer = { type: 'RequestOffer', transferId } as const;
const receive = { type: 'Receive', transferId, ...receiver, operationId: later, madeAt } as const;
const received = diskEvent(
  'DiskReceived',
  {
    ...{ operationId: later, ...receiver, madeAt },
    estate: {
      ...{ diskId: requested.data.diskId, name: 'db', description: '', sizeGiB: 40, type: 'SSD' },
      ...{ availabilityZone: 'eu-de-01', tags: { team: 'a' }, metadata: {} },
      ...{ cloudId: 'cloud-1', cloudStatus: 'available', condition: 'available' },
      ...{ madeBy: requested.data.operationId, began: 'empty' },
      traits: { bootable: false, shareable: false, encrypted: false, attachments: [] },
    },
  },
  [amount('disks', 0, 1), amount('disks:SSD', 0, 1), amount('gigabytes', 0, 40), amount('gigabytes:SSD', 0, 40)],
);

describe('offering a disk', () => {
  it('is for what is available', () => {
    given(...there)
      .when(offer)
      .then(offered);
    given(...there, offered).shows('awaiting-transfer');
  });

  it('is refused for what the cloud does not hand over', () => {
    const attachments = [{ serverId: 'server', device: null }];
    const snapshotId = SnapshotId.parse(id(41));
    const taken = [
      diskEvent('DiskSnapshotBegan', { ...work, snapshotId }),
      diskEvent('DiskSnapshotKept', { operationId: later, snapshotId }),
    ];
    given(...there, observed({ status: 'in-use', attachments }))
      .when(offer)
      .thenRefused({
        type: 'disk-attached',
        blockers: [{ kind: 'server', id: 'server', reason: 'the disk is attached to it' }],
      });
    given(...there, ...taken)
      .when(offer)
      .thenRefused({
        type: 'has-snapshots',
        blockers: [{ kind: 'snapshot', id: snapshotId, reason: 'is a snapshot of the disk' }],
      });
    const reasons = ['it is encrypted', 'it is a system disk'];
    given(...there, observed({ encrypted: true, bootable: true }))
      .when(offer)
      .thenRefused({
        type: 'disk-not-transferable',
        blockers: reasons.map((reason) => ({ kind: 'disk', id: id(1), reason })),
      });
  });

  it('is refused for what is busy, broken, gone, or not there', () => {
    given(...there, deleting)
      .when(offer)
      .thenRefused('disk-busy');
    given(requested, vanished).when(offer).thenRefused('disk-not-ready');
    given(...there, observed({ status: 'error', cloudStatus: 'error' }))
      .when(offer)
      .thenRefused('disk-not-ready');
    given(...there, missing)
      .when(offer)
      .thenRefused('disk-not-ready');
    given().when(offer).thenRefused('not-found');
  });

  it('keeps everything else from the disk, and names the transfer', () => {
    const blockers = [{ kind: 'transfer', id: transferId, reason: 'the disk is offered to another project' }] as const;
    for (const wish of [
      offer,
      { type: 'RequestExtension', sizeGiB: 50, work },
      { type: 'RequestChange', change: { name: 'other' }, work },
      { type: 'RequestRefresh', work },
      { type: 'RequestDeletion', work },
    ] as const)
      given(...there, offered)
        .when(wish)
        .thenRefused({ type: 'disk-busy', blockers });
  });

  it('ends with the disk as it was before, once, and only under its own transfer', () => {
    given(...there, offered)
      .when({ type: 'EndOffer', transferId })
      .then(ended);
    given(...there, offered, ended)
      .when({ type: 'EndOffer', transferId })
      .then();
    given(...there, offered)
      .when({ type: 'EndOffer', transferId: TransferId.parse(id(93)) })
      .then();
    given(...there, offered, ended)
      .when(offer)
      .then(offered);
  });
});

describe('receiving a disk', () => {
  it('tells all of it, and charges it where it came to', () => {
    given(...there, offered)
      .when(receive)
      .then(received);
  });

  it('makes the same disk of its first event there as of all that went before', () => {
    const alone = foldDisk([received]);
    expect(alone).toEqual(foldDisk([...there, offered, received]));
    expect(alone).toMatchObject({ ...receiver, life: 'in-cloud', open: null, cloudId: 'cloud-1' });
    given(received).shows('available', ...atRest);
  });

  it('does not have it made anew as an empty one when it began with something, or nobody told', () => {
    const again = { type: 'RequestRecreation', work } as const;
    const cameAs = (began?: 'empty' | 'from-source') => {
      const { began: _told, ...estate } = received.data.estate;
      return diskEvent('DiskReceived', { ...received.data, estate: { ...estate, ...(began && { began }) } });
    };
    for (const began of ['from-source', undefined] as const) {
      given(cameAs(began), missing).when(again).thenRefused('made-from-source');
      given(cameAs(began), missing).shows('error', 'delete', 'refresh');
    }
    given(cameAs('empty'), missing).shows('error', 'delete', 'refresh', 'recreate');
  });

  it('tells the next one, too, that it began with something', () => {
    const source = { snapshotId: SnapshotId.parse(id(41)) };
    const made = diskEvent('DiskRequested', { ...requested.data, spec: { ...requested.data.spec, source } });
    const arrived = (...past: readonly DiskEvent[]) => {
      const decision = decideDisk(receive, foldDisk([...past, offered]));
      if (!decision.accepted) throw new Error(`refused as ${decision.refusal.type}`);
      return decision.events;
    };
    const first = arrived(made, provisioned);
    expect(first).toMatchObject([{ data: { estate: { began: 'from-source' } } }]);
    expect(JSON.stringify(first)).not.toContain(source.snapshotId);
    expect(arrived(...first)).toMatchObject([{ data: { estate: { began: 'from-source' } } }]);
  });

  it('is refused for what is not offered under this transfer any more', () => {
    given(...there)
      .when(receive)
      .thenRefused('not-found');
    given(...there, offered, ended)
      .when(receive)
      .thenRefused('not-found');
    given(...there, offered)
      .when({ ...receive, transferId: TransferId.parse(id(93)) })
      .thenRefused('not-found');
    given(...there, offered, received)
      .when(receive)
      .thenRefused('not-found');
  });

  it('is refused when it was attached elsewhere since it was offered', () => {
    const attached = observed({ status: 'in-use', attachments: [{ serverId: 'server', device: null }] });
    given(...there, offered, attached)
      .when(receive)
      .thenRefused('disk-attached');
  });

  it('leaves reports of what went on in the other project without effect', () => {
    const before = diskEvent('DiskRefreshEnded', { operationId: create });
    given(...there, before, offered, received)
      .when({ type: 'RecordFailed', operationId: create, fault: { code: 'a', title: 'a' }, broken: false })
      .then();
    expect(foldDisk([...there, offered, received])).not.toMatchObject({ projectId });
  });
});

describe('a disk on its way to another cloud project', () => {
  const began = diskEvent('DiskHandoverBegan', { ...work, transferId });
  const begin = { type: 'BeginHandover', transferId, work } as const;
  const complete = { type: 'CompleteHandover', operationId: later, ...receiver, madeAt } as const;
  const arrived = diskEvent('DiskReceived', received.data, whole(-1, 1));
  const failed = (left: 'as-it-was' | 'unknown') =>
    diskEvent('DiskHandoverFailed', { operationId: later, fault, left });

  it('is as it was offered, and nothing else is done to it', () => {
    given(...there, offered)
      .when(begin)
      .then(began);
    given(...there, offered, began).shows('awaiting-transfer');
    const blockers = [{ kind: 'operation', id: shownAs, reason: 'disk.transfer is under way' }] as const;
    given(...there, offered, began)
      .when({ type: 'RequestExtension', sizeGiB: 50, work })
      .thenRefused({ type: 'disk-busy', blockers });
    given(...there, offered, began)
      .when({ type: 'RequestDeletion', work })
      .thenRefused('disk-busy');
  });

  it('begins it once, under the offer, and as the cloud hands it over', () => {
    for (const wish of [begin, receive])
      given(...there, offered, began)
        .when(wish)
        .thenRefused('not-found');
    given(...there)
      .when(begin)
      .thenRefused('not-found');
    const attached = observed({ status: 'in-use', attachments: [{ serverId: 'server', device: null }] });
    given(...there, offered, attached)
      .when(begin)
      .thenRefused('disk-attached');
    given(...there, offered, observed({ encrypted: true }))
      .when(begin)
      .thenRefused('disk-not-transferable');
  });

  it('is not what a look shows of it meanwhile', () => {
    given(...there, offered, began)
      .when({ type: 'RecordSeen', operationId: null, sighting: null })
      .then();
  });

  it('arrives where it was promised, by its own operation, once', () => {
    given(...there, offered, began)
      .when(complete)
      .then(arrived);
    given(...there, offered, began)
      .when({ ...complete, operationId: create })
      .then();
    given(...there, offered, began, arrived)
      .when(complete)
      .then();
    expect(foldDisk([arrived])).toEqual(foldDisk([...there, offered, began, arrived]));
    expect(foldDisk([arrived])).toMatchObject({ ...receiver, open: null, condition: 'available' });
  });

  it('stays offered when it comes to nothing, and where that is not known is looked at', () => {
    const report = { type: 'RecordFailed', operationId: later, fault } as const;
    given(...there, offered, began)
      .when({ ...report, broken: false })
      .then(failed('as-it-was'));
    given(...there, offered, began, failed('as-it-was')).shows('awaiting-transfer');
    given(...there, offered, began, failed('as-it-was'))
      .when(begin)
      .then(began);
    given(...there, offered, began)
      .when({ ...report, broken: true })
      .then(failed('unknown'));
    expect(foldDisk([...there, offered, began, failed('unknown')])).toMatchObject({ condition: 'unknown' });
    given(...there, offered, began, failed('unknown'))
      .when(begin)
      .thenRefused('disk-not-ready');
    given(...there, offered, began, failed('as-it-was'))
      .when({ ...report, broken: false })
      .then();
  });
});
