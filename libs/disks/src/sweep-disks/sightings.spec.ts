import type { CloudDisk } from '@strata/cloud';
import { BindingId, DiskId, OperationId, ProjectId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import type { CloudKnownDisk } from '../disk/index.js';
import { sightingsOf } from './sightings.js';

const id = (last: number) => `01930000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const madeBy = OperationId.parse(id(4));
const shared = {
  ...{ name: 'db', description: '', sizeGiB: 20, type: 'SSD', availabilityZone: 'eu-de-01', cloudId: 'cloud-1' },
  ...{ tags: { team: 'ledger' }, metadata: { note: 'x' } },
};
const traits = { bootable: false, shareable: false, encrypted: false, attachments: [] };
const known = (change: object = {}): CloudKnownDisk => ({
  ...{ ...shared, traits, madeBy, life: 'in-cloud', condition: 'available', cloudStatus: 'available' },
  ...{ diskId: DiskId.parse(id(1)), projectId: ProjectId.parse(id(2)), bindingId: BindingId.parse(id(3)) },
  ...{ open: null, fault: null, undecidedGiB: 0 },
  ...change,
});
const seen = (change: Partial<CloudDisk> = {}): CloudDisk => ({
  ...{ ...shared, ...traits, status: 'available', cloudStatus: 'available', marker: `${madeBy}.1`, marks: 'whole' },
  ...{ createdAt: '2026-11-22T10:00:00.000Z' },
  ...change,
});
const changes = (...[disk, shown, before]: Parameters<typeof sightingsOf>) =>
  sightingsOf(disk, shown, before).flatMap(({ kind, evidence }) => (kind === 'changed' ? evidence.differences : []));

describe('what was changed elsewhere', () => {
  it('is told with what the log had and what the cloud has, none of either as null', () => {
    const theirs = seen({ name: 'other', sizeGiB: 30, tags: { cost: '1' }, metadata: { note: 'y' } });
    expect(changes(known(), theirs)).toEqual([
      { member: 'name', log: 'db', cloud: 'other' },
      { member: 'tags.team', log: 'ledger', cloud: null },
      { member: 'metadata.note', log: 'x', cloud: 'y' },
      { member: 'tags.cost', log: null, cloud: '1' },
      { member: 'sizeGiB', log: '20', cloud: '30' },
    ]);
    expect(changes(known(), seen({ metadata: {} }))).toEqual([{ member: 'metadata.note', log: 'x', cloud: null }]);
  });

  it('is not what a cloud adds to the metadata by itself', () => {
    expect(sightingsOf(known(), seen({ metadata: { note: 'x', orderID: '7' } }))).toEqual([]);
  });

  it('is no metadata that was not set through Strata, though the log took it over', () => {
    const taken = known({ metadata: { note: 'x', orderID: '7' }, ownMetadata: ['note'] });
    expect(sightingsOf(taken, seen({ metadata: { note: 'x', orderID: '8' } }))).toEqual([]);
    expect(sightingsOf(taken, seen({ metadata: { note: 'x' } }))).toEqual([]);
    const stood = { member: 'metadata.orderID', log: '6', cloud: '7' };
    expect(sightingsOf(taken, seen({ metadata: { note: 'x', orderID: '7' } }), [stood])).toEqual([]);
    expect(changes(taken, seen({ metadata: { orderID: '8' } }))).toEqual([
      { member: 'metadata.note', log: 'x', cloud: null },
    ]);
  });

  it('stands against what the log had before it took it over', () => {
    const name = { member: 'name', log: 'db', cloud: 'other' };
    const tag = { member: 'tags.cost', log: null, cloud: '1' };
    const taken = { name: 'other', tags: { team: 'ledger', cost: '1' } };
    expect(changes(known(taken), seen(taken), [name, tag])).toEqual([name, tag]);
    expect(changes(known(taken), seen({ ...taken, name: 'third' }), [name, tag])).toEqual([
      { ...name, cloud: 'third' },
      tag,
    ]);
  });

  it('is over when it is as before, or was changed through Strata since', () => {
    const name = { member: 'name', log: 'db', cloud: 'other' };
    expect(sightingsOf(known({ name: 'other' }), seen({ name: 'db' }), [name])).toEqual([]);
    expect(sightingsOf(known({ name: 'mine' }), seen({ name: 'mine' }), [name])).toEqual([]);
    expect(changes(known({ name: 'mine' }), seen({ name: 'again' }), [name])).toEqual([
      { member: 'name', log: 'mine', cloud: 'again' },
    ]);
  });

  it('stands where it was a user’s to set, though by now its key is reserved: nobody has decided about it', () => {
    const labels = { tags: { 'Strata-x': 'b' }, metadata: { ReadOnly: 'b' } };
    const stood = ['tags.Strata-x', 'metadata.ReadOnly'].map((member) => ({ member, log: 'a', cloud: 'b' }));
    expect(changes(known(labels), seen(labels), stood)).toEqual(stood);
    const asBefore = { tags: { 'Strata-x': 'a' }, metadata: { ReadOnly: 'a' } };
    expect(sightingsOf(known(labels), seen(asBefore), stood)).toEqual([]);
  });

  it('is over at the next look where nothing can be written back', () => {
    const before = ['sizeGiB', 'type', 'status', 'tags.strata_x'].map((member) => ({ member, log: 'a', cloud: 'b' }));
    expect(sightingsOf(known(), seen(), before)).toEqual([]);
  });
});
