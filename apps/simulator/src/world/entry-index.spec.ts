import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryIndex } from './entry-index.js';

const [keys, values] = [
  ['team', 'stage'],
  ['a', 'b'],
];
const members = [{ id: 0 }, { id: 1 }, { id: 2 }];
type Labels = Record<string, string>;

const labels: fc.Arbitrary<Labels> = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values));
const changes = fc.array(fc.record({ member: fc.constantFrom(...members), labels }), { maxLength: 20 });

describe('an index of entries', () => {
  it('tells who carries what, however often that changes', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const index = new EntryIndex<{ id: number }>();
        const now = new Map<{ id: number }, Labels>();
        for (const { member, labels: after } of all) {
          index.remove(now.get(member) ?? {}, member);
          index.add(after, member);
          now.set(member, after);
        }
        const carriers = (key: string, value: string) => members.filter((each) => now.get(each)?.[key] === value);
        for (const key of keys) {
          const carried = values.filter((value) => carriers(key, value).length > 0);
          expect([...index.valuesOf(key)].sort()).toEqual(carried);
          expect(index.keys().includes(key)).toBe(carried.length > 0);
          for (const value of values) expect(new Set(index.get(key, value))).toEqual(new Set(carriers(key, value)));
        }
      }),
    );
  });
});
