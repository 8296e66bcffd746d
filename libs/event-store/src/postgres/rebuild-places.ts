/** A version of a row. Generations are walked in the order of these, which is that of the primary key in each of them. */
export interface Place {
  readonly key: string;
  readonly validFrom: string;
}

export const lowest: Place = { key: '00000000-0000-0000-0000-000000000000', validFrom: '0' };
export const highest: Place = { key: 'ffffffff-ffff-ffff-ffff-ffffffffffff', validFrom: '9223372036854775807' };
