import { describe, expect, it } from 'vitest';
import { detailOf } from './detail.js';
import { platformProblems } from './problem-kinds.js';

const kind = {
  title: 'The quota does not allow this',
  detail: ['{requested} are asked for, {level.limit} is the limit.', '{requested} are asked for.'],
};

const id = '01a20373-1d9d-75d7-b637-265de5ec8f2c';

describe('the detail of a problem', () => {
  it('has the members of the occurrence, also those that lie deeper', () => {
    expect(detailOf(kind, { requested: 3, level: { limit: 10 } })).toBe('3 are asked for, 10 is the limit.');
  });

  it('keeps to what there is', () => {
    expect(detailOf(kind, { requested: 3, level: { relation: 'ancestor' } })).toBe('3 are asked for.');
    expect(detailOf(kind, {})).toBe('The quota does not allow this');
  });

  it('is that of the occurrence where it has one', () => {
    expect(detailOf(kind, { requested: 3, detail: 'Not today.' })).toBe('Not today.');
  });

  it.each([
    [[{ kind: 'disk', id: 'a', reason: 'r' }], 'By disk a.'],
    [[1, 2, 3, 4, 5, 6, 7], 'By 1, 2, 3, 4, 5 and 2 more.'],
    [[...'abcdefg'], 'By a, b, c, d, e, f, g.'],
    [Array<string>(7).fill(id), `By ${Array(5).fill(id).join(', ')} and 2 more.`],
    [[...Array<string>(5).fill('x'), 'y'.repeat(145), 'z'], `By x, x, x, x, x, ${'y'.repeat(145)} and 1 more.`],
    [[{ pointer: '/name', detail: 'is required' }], 'By /name: is required.'],
    [[], 'By none.'],
  ])('names each of a list: %j', (blockers, text) => {
    expect(detailOf({ title: 'Busy', detail: 'By {blockers}.' }, { blockers })).toBe(text);
  });

  it('says more than the title for every problem of the platform', () => {
    const facts = { errors: [], missing: { role: 'viewer' }, produces: [], currentVersion: 1, retryAfterSeconds: 1 };
    for (const each of Object.values(platformProblems)) expect(detailOf(each, facts)).not.toBe(each.title);
  });
});
