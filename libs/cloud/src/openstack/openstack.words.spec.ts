import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataFor } from './openstack.marker.js';
import { diskOf, diskStatusOf, isHiddenKey, Volume } from './openstack.words.js';

const bare = { id: 'v', status: 'available', size: 1 };

describe('a volume of Cinder', () => {
  it('is a disk of ours', () => {
    const volume = {
      ...bare,
      status: 'in-use',
      size: 10,
      name: 'n',
      description: null,
      volume_type: 'SSD',
      availability_zone: 'az-1',
      bootable: 'true',
      multiattach: true,
      encrypted: false,
      metadata: { owner: 'a', readonly: 'False', 'strata.marker': 'm.1', 'strata.tag.team': 'x', 'strata.later': '1' },
      attachments: [{ server_id: 's', device: '/dev/vdb', id: 'v' }, { server_id: null }],
      created_at: '2026-11-22T16:12:38.843519',
      migration_status: null,
    };
    expect(diskOf(Volume.parse(volume))).toEqual({
      cloudId: 'v',
      name: 'n',
      description: '',
      status: 'in-use',
      cloudStatus: 'in-use',
      sizeGiB: 10,
      type: 'SSD',
      availabilityZone: 'az-1',
      bootable: true,
      shareable: true,
      encrypted: false,
      attachments: [{ serverId: 's', device: '/dev/vdb' }],
      tags: { team: 'x' },
      metadata: { owner: 'a' },
      marker: 'm.1',
      marks: 'whole',
      createdAt: '2026-11-22T16:12:38.843Z',
    });
  });

  it('is a disk also when it says next to nothing', () => {
    const disk = diskOf(Volume.parse({ ...bare, metadata: 7, attachments: 'none', bootable: null }));
    expect(disk).toMatchObject({
      name: '',
      type: '',
      bootable: false,
      attachments: [],
      tags: {},
      marker: null,
      marks: 'partial',
    });
  });

  it('keeps tags and metadata apart, whatever they are called', () => {
    const texts = fc.dictionary(
      fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
      fc.string({ unit: 'grapheme-ascii' }),
    );
    fc.assert(
      fc.property(texts, texts, (tags, all) => {
        const metadata = Object.fromEntries(Object.entries(all).filter(([key]) => !isHiddenKey(key)));
        const disk = diskOf(Volume.parse({ ...bare, metadata: metadataFor(tags, metadata) }));
        expect(disk.tags).toEqual(tags);
        expect(disk.metadata).toEqual(metadata);
      }),
    );
  });

  it.each([
    ['reserved', 'attaching'],
    ['restoring-backup', 'restoring'],
    ['reverting', 'rolling-back'],
    ['error_extending', 'error-extending'],
    ['error_backing-up', 'error'],
    ['maintenance', 'unknown'],
    ['word-of-a-later-release', 'unknown'],
  ])('that is %s is %s to us', (word, status) => {
    expect(diskStatusOf(word)).toBe(status);
  });
});
