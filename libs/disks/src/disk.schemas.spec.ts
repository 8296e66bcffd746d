import { describe, expect, it } from 'vitest';
import { ChangedName, Description, DiskName } from './disk.schemas.js';

const rule = 'must not contain control characters or characters that turn the direction of text';

const faultsOf = (schema: typeof DiskName, text: string): readonly string[] =>
  schema.safeParse(text).error?.issues.map(({ message }) => message) ?? [];

describe('the name of a disk', () => {
  it.each(['db-01', 'Größe 20', '数据', '👩‍👩‍👧', 'שלום'])('may be %s', (name) => {
    expect([...faultsOf(DiskName, name), ...faultsOf(ChangedName, name)]).toEqual([]);
  });

  it.each(['a\nb', 'a\tb', '\u001b[31mred', 'invoice\u202efdp.exe', '\u2066a'])(
    'is refused by its rule: %j',
    (name) => {
      expect(faultsOf(DiskName, name)).toEqual([rule]);
      expect(faultsOf(ChangedName, name)).toEqual([rule]);
    },
  );
});

describe('the description of a disk', () => {
  it('may have several lines', () => {
    expect(faultsOf(Description, 'first\nsecond\twith a tab\r\n')).toEqual([]);
  });

  it.each(['\u001b[31mred', 'a\u202eb'])('is refused by its rule: %j', (text) => {
    expect(faultsOf(Description, text)).toEqual([rule]);
  });
});
