import type { CloudDisk } from '@strata/cloud';
import { DiskId, ProjectId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { differs } from './differs.js';
import type { SweptDisk } from './sweep.ports.js';

const id = (last: number) => `01930000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const labels = { ...{ name: 'db', description: '', tags: { team: 'ledger' }, metadata: { note: 'x' } } };
const attachments = [{ serverId: 'server-1', device: '/dev/vdb' }];
const traits = { bootable: false, shareable: false, encrypted: false, attachments };
const ours: SweptDisk = {
  ...{ diskId: DiskId.parse(id(1)), projectId: ProjectId.parse(id(2)), bindingId: id(3), cloudId: 'cloud-1' },
  ...{ ...labels, sizeGiB: 20, type: 'SSD', cloudStatus: 'in-use', traits },
  ...{ busy: false, doubtful: false, madeBy: id(4) },
};
const shown: CloudDisk = {
  ...{ ...labels, ...traits, cloudId: 'cloud-1', sizeGiB: 20, type: 'SSD', availabilityZone: 'eu-de-01' },
  ...{ status: 'in-use', cloudStatus: 'in-use', marker: `${id(4)}.1`, marks: 'whole' },
  ...{ createdAt: '2026-11-22T10:00:00.000Z' },
};

describe('a disk that a list shows', () => {
  it('is not looked at while it is as the view has it', () => {
    expect(differs(ours, shown)).toBe(false);
    expect(differs({ ...ours, tags: {} }, { ...shown, tags: {} })).toBe(false);
  });

  it.each<[string, Partial<CloudDisk>]>([
    ['name', { name: 'other' }],
    ['description', { description: 'theirs' }],
    ['size', { sizeGiB: 30 }],
    ['type', { type: 'SATA' }],
    ['state', { status: 'error', cloudStatus: 'error' }],
    ['tags', { tags: { team: 'theirs' } }],
    ['metadata', { metadata: { note: 'x', theirs: 'y' } }],
    ['marker', { marks: 'partial', marker: null }],
    ['bootable flag', { bootable: true }],
    ['shareable flag', { shareable: true }],
    ['encrypted flag', { encrypted: true }],
    ['read-only flag', { readOnly: true }],
    ['servers', { attachments: [] }],
    ['device on a server', { attachments: [{ serverId: 'server-1', device: null }] }],
  ])('is looked at when its %s is another', (_what, change) => {
    expect(differs(ours, { ...shown, ...change })).toBe(true);
  });
});
