import { describe, expect, it } from 'vitest';
import { alikeFaults, alikeKeys } from './alike-keys.js';

describe('two keys', () => {
  it.each([
    ['in another case', 'Team', 'tEAM'],
    ['with accents, composed or not', 'équipe', 'e\u0301quipe'],
    ['with and without accents', 'Größe', 'GROSSE'],
    ['with ß as s', 'maß', 'mas'],
    ['with ß as ss', 'maß', 'MASS'],
    ['with a capital ß', 'MAẞ', 'maß'],
    ['with letters of other shapes', 'ſtate', 'state'],
    ['with an i without its dot', 'polıcy', 'policy'],
    ['with a sigma at the end', 'λόγος', 'ΛΟΓΟΣ'],
    ['of full width', 'ｔｅａｍ', 'team'],
    ['with a soft hyphen', 'te\u00adam', 'team'],
    ['with a zero width', '\u200bteam', 'team'],
    ['with blanks at the end', 'team  ', 'team'],
    ['with a zero width after these', 'team \u200d', 'team'],
  ])('%s are alike', (_how, one, other) => {
    expect(alikeKeys([one, other])).toEqual([{ key: other, other: one }]);
    expect(alikeKeys([other], [one])).toEqual([{ key: other, other: one }]);
  });

  it.each([
    ['team', 'teams'],
    ['mas', 'mass'],
    [' team', 'team'],
    ['te am', 'team'],
    ['cost-centre', 'cost_centre'],
    ['数据', '数字'],
  ])('%j and %j are not', (one, other) => {
    expect(alikeKeys([one, other])).toEqual([]);
  });
});

describe('a change of labels', () => {
  it('is wrong in the keys that it adds', () => {
    expect(alikeFaults('metadata', { 'a/b~c': '1' }, { 'A/b~c': '2', owner: 'x' })).toEqual([
      { pointer: '/metadata/A~1b~0c', detail: expect.stringContaining('"a/b~c"') },
    ]);
    expect(alikeFaults('tags', {}, { Team: '1', team: '2' })).toEqual([
      { pointer: '/tags/team', detail: expect.stringContaining('"Team"') },
    ]);
  });

  it('may put one in the place of the other, remove both, and change what is there', () => {
    expect(alikeFaults('tags', { Team: '1' }, { Team: null, team: '1' })).toEqual([]);
    expect(alikeFaults('tags', { Team: '1', team: '2' }, { Team: null, team: null })).toEqual([]);
    expect(alikeFaults('tags', { Team: '1', team: '2' }, { Team: '3', owner: 'x' })).toEqual([]);
    expect(alikeFaults('tags', { constructor: '1' }, { owner: 'x' })).toEqual([]);
  });
});
