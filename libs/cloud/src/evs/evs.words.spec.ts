import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CloudSilent } from '../disk-cloud.js';
import { diskOf, diskStatusOf, Volume } from './evs.words.js';
import { readBody } from '../wire/texts.js';
import { example } from './fixtures/examples.js';

const volumeOf = (name: string) => z.object({ volume: Volume }).parse(example(name).response.body).volume;
const bare = Volume.parse({ id: 'v', status: 'available', size: 10 });
const marker = '0199a4de-4f5b-7c31-8f00-6f3f4c1d2e3f.1';

describe('a volume', () => {
  it('becomes a disk in our words', () => {
    expect(diskOf(volumeOf('evs.volume.get'))).toEqual({
      cloudId: '5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412',
      name: 'ledger-01',
      description: 'ledger data',
      status: 'in-use',
      cloudStatus: 'in-use',
      sizeGiB: 100,
      type: 'SSD',
      availabilityZone: 'eu-de-01',
      bootable: false,
      shareable: false,
      encrypted: true,
      attachments: [{ serverId: '96f1a4b0-3d27-4e8c-b5a9-c07d18e2f643', device: '/dev/vdb' }],
      tags: { 'cmd-id': 'c-0001' },
      metadata: {},
      marker: null,
      marks: 'partial',
      createdAt: '2026-03-02T08:15:04.118Z',
    });
  });

  it('is bootable when it was made from an image', () => {
    expect(diskOf(volumeOf('evs.volume.get.system_disk'))).toMatchObject({ bootable: true, encrypted: false });
  });

  it('shows its marker, from metadata or tag, and keeps our keys and the cloud’s to itself', () => {
    const tags = { 'strata-marker': marker.replace('.', '_'), team: 'a' };
    const metadata = { 'strata.marker': marker, 'hw:passthrough': 'false', __system__encrypted: '0', team: 'b' };
    expect(diskOf({ ...bare, tags })).toMatchObject({ marker, tags: { team: 'a' } });
    expect(diskOf({ ...bare, metadata })).toMatchObject({ marker, metadata: { team: 'b' }, encrypted: false });
  });

  it('tells whether its marker stands everywhere it belongs', () => {
    const volume = volumeOf('evs.volume.get');
    const [metadata, tag] = [{ 'strata.marker': marker }, marker.replace('.', '_')];
    const marksOf = (change: object) => diskOf({ ...volume, ...change }).marks;
    const others = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`tag-${n}`, 'x']));
    expect(marksOf({ metadata, tags: { 'strata-marker': tag } })).toBe('whole');
    expect(marksOf({ metadata, tags: null })).toBe('whole');
    expect(marksOf({ metadata, tags: others(10) })).toBe('whole');
    expect(marksOf({ metadata, tags: others(9) })).toBe('partial');
    expect(marksOf({ metadata: {}, tags: { 'strata-marker': tag } })).toBe('partial');
    expect(marksOf({ metadata, tags: { 'strata-marker': tag.replace(/1$/, '2') } })).toBe('mixed');
  });

  it('is read with nothing but identity, state and size', () => {
    expect(diskOf(Volume.parse({ id: 'v', status: 'error', size: '40', tags: 7, attachments: 'none' }))).toMatchObject({
      cloudId: 'v',
      status: 'error',
      sizeGiB: 40,
      name: '',
      tags: {},
      attachments: [],
    });
  });

  it('carries no text that the log could not store', () => {
    const volume = Volume.parse({
      id: 'v',
      status: 'available',
      size: 1,
      name: 'a\u0000b\ud800',
      tags: { k: '\udfff' },
    });
    const { name, tags } = diskOf(volume);
    expect([name, tags['k']].every((text) => text?.isWellFormed() && !text.includes('\u0000'))).toBe(true);
  });

  it('is read or not, but never breaks us, whatever its members hold', () => {
    const members = Object.keys(Volume.shape);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...members), fc.jsonValue()), (odd) => {
        const parsed = Volume.safeParse({ id: 'v', status: 'available', size: 10, ...odd });
        if (parsed.success) expect(Number.isNaN(Date.parse(diskOf(parsed.data).createdAt))).toBe(false);
      }),
    );
  });

  it('is no answer at all when its identity is missing', () => {
    const answer = { kind: 'answered', json: { status: 'available', size: 1 }, requestId: 'req-1' } as const;
    expect(() => readBody(Volume, answer)).toThrow(CloudSilent);
  });
});

describe('a status of the cloud', () => {
  it.each([
    ['downloading', 'creating'],
    ['in-use', 'in-use'],
    ['error_extending', 'error-extending'],
    ['error_rollbacking', 'error-rolling-back'],
    ['restoring-backup', 'restoring'],
    ['AVAILABLE', 'available'],
  ] as const)('%s is %s', (word, status) => {
    expect(diskStatusOf(word)).toBe(status);
  });

  it.each(['error_detaching', 'maintenance', 'constructor', '__proto__', ''])('%s is unknown to us', (word) => {
    expect(diskStatusOf(word)).toBe('unknown');
  });
});
