import { describe, expect, it } from 'vitest';
import { isWritable, leftAsItIs, putBack } from './put-back.js';

const disk = { name: 'other', description: '', tags: { team: 'x', strata_own: 'y' }, metadata: { note: 'theirs' } };

describe('what is written back', () => {
  it('is what the log had before: a label that it had not goes, one that is gone comes back', () => {
    const differences = [
      { member: 'name', log: 'db', cloud: 'other' },
      { member: 'description', log: 'of ours', cloud: '' },
      { member: 'tags.team', log: null, cloud: 'x' },
      { member: 'tags.env', log: '', cloud: null },
      { member: 'metadata.note', log: 'ours', cloud: 'theirs' },
    ];
    expect(putBack(differences, disk)).toEqual({
      ...{ name: 'db', description: 'of ours' },
      tags: { team: null, env: '' },
      metadata: { note: 'ours' },
    });
  });

  it('is not what was changed through Strata since', () => {
    const differences = [
      { member: 'name', log: 'db', cloud: 'a name of before' },
      { member: 'tags.team', log: null, cloud: 'a team of before' },
      { member: 'metadata.note', log: 'ours', cloud: null },
    ];
    expect(putBack(differences, disk)).toEqual({});
  });

  it('is nothing that only the cloud decides, nor what is reserved', () => {
    const ofStrata = ['tags.strata_own', 'tags.Strata-x', 'metadata.strata.x', 'metadata.Strata.Marker'];
    const members = ['sizeGiB', 'type', 'status', ...ofStrata, 'metadata.ReadOnly', 'metadata.policy '];
    const differences = members.map((member) => ({ member, log: 'a', cloud: 'y' }));
    expect(members.filter(isWritable)).toEqual([]);
    expect(putBack(differences, disk)).toEqual({});
    expect(leftAsItIs([...differences, { member: 'name', log: 'a', cloud: 'b' }])).toEqual(
      members.map((member) => ({ member, reason: expect.stringMatching(/\w/) })),
    );
  });

  it('is a tag that is called as something of the cloud’s in the metadata', () => {
    const differences = [{ member: 'tags.policy', log: 'x', cloud: null }];
    expect(putBack(differences, { ...disk, tags: {} })).toEqual({ tags: { policy: 'x' } });
  });

  it('takes keys as they are, also such as objects have by themselves', () => {
    const there = { ...disk, tags: {}, metadata: {} };
    const differences = [{ member: 'tags.constructor', log: 'x', cloud: null }];
    expect(putBack(differences, there)).toEqual({ tags: { constructor: 'x' } });
  });
});
