import { describe, expect, it } from 'vitest';
import { metadataChanged, ownMetadataOf } from './index.js';

describe('metadata that was set through Strata', () => {
  it('is all of it until a look brought others', () => {
    expect(ownMetadataOf({ metadata: { note: 'x' } })).toEqual(['note']);
    expect(metadataChanged({ metadata: { note: 'x' } }, { more: 'y' })).toEqual({ metadata: { note: 'x', more: 'y' } });
  });

  it('grows by what is set, and loses what is taken away', () => {
    const disk = { metadata: { orderID: '7', note: 'x' }, ownMetadata: ['note'] };
    expect(metadataChanged(disk)).toEqual(disk);
    expect(metadataChanged(disk, { orderID: '8', note: null })).toEqual({
      ...{ metadata: { orderID: '8' }, ownMetadata: ['orderID'] },
    });
  });
});
