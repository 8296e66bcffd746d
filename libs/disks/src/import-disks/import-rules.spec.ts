import { ProjectId } from '@strata/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignmentOf, fitsPattern, type ImportRules } from './import-rules.js';

const [billing, ledger, rest] = [1, 2, 3].map((last) =>
  ProjectId.parse(`01930000-0000-7000-8000-00000000000${last}`),
) as [ProjectId, ProjectId, ProjectId];

describe('a pattern of names', () => {
  it.each([
    ['db', 'db', true],
    ['db', 'db-1', false],
    ['db-*', 'db-1', true],
    ['db-*', 'db-', true],
    ['db-*', 'my-db-1', false],
    ['*-db', 'my-db', true],
    ['*-db', '-db', true],
    ['*-db', 'my-db-1', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*', '', true],
    ['*ab*ab*', 'ab', false],
    ['*ab*ab*', 'xabyabz', true],
    ['d.b', 'dxb', false],
    ['[a-z]+', 'abc', false],
  ])('%s of %s: %s', (pattern, name, fits) => expect(fitsPattern(pattern, name)).toBe(fits));

  it('fits every name that is made after it', () => {
    const parts = fc.array(
      fc.string({ maxLength: 4 }).map((part) => part.replaceAll('*', '')),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(parts, fc.array(fc.string({ maxLength: 4 })), (fixed, between) => {
        const name = fixed.map((part, index) => (index === 0 ? part : (between[index - 1] ?? '') + part)).join('');
        expect(fitsPattern(fixed.join('*'), name)).toBe(true);
      }),
    );
  });

  it('with very many stars is decided in no time', () => {
    const text = 'a'.repeat(255);
    const began = performance.now();
    for (let time = 0; time < 1_000; time += 1) expect(fitsPattern(`${'*a'.repeat(127)}b`, text)).toBe(false);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('the project of a disk', () => {
  const rules: ImportRules = {
    rules: [
      { by: 'tag', key: 'team', value: 'billing', projectId: billing },
      { by: 'name', pattern: 'ledger-*', projectId: ledger },
    ],
    default: 'leave',
  };

  it('is that of the first rule that fits', () => {
    const both = { name: 'ledger-1', tags: { team: 'billing' } };
    expect(assignmentOf(rules, both)).toEqual({ projectId: billing, by: 'tag', rule: 0 });
    expect(assignmentOf(rules, { name: 'ledger-1', tags: { team: 'other' } })).toEqual({
      ...{ projectId: ledger, by: 'name', rule: 1 },
    });
  });

  it('is none where none fits, unless there is one for the rest', () => {
    const disk = { name: 'other' };
    expect(assignmentOf(rules, disk)).toBeUndefined();
    expect(assignmentOf({ ...rules, default: rest }, disk)).toEqual({ projectId: rest, by: 'default', rule: null });
  });
});
