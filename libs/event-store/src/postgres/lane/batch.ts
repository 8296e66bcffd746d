import type { ChargePaths } from './charge-paths.js';
import type { PreparedAppend } from './prepare.js';
import { slotTable } from './slots.js';
import { boolArray, byteaArray, int4Array, int8Array, textArray, uuidArray, uuidBytes } from './wire.js';

/** Names from a list, each once, with its index counted from 1 as PostgreSQL's arrays are. */
class Distinct {
  readonly names: string[] = [];
  readonly #index = new Map<string, number>();
  indexOf(name: string): number {
    let index = this.#index.get(name);
    if (index === undefined) {
      index = this.names.push(name);
      this.#index.set(name, index);
    }
    return index;
  }
}

/** Whether the batch names an append or a key twice: the lane must then go through it one by one. */
const namesTwice = (appends: readonly PreparedAppend[]): boolean => {
  const ids = new Set<string>();
  const keys = new Set<string>();
  let keyed = 0;
  for (const { append } of appends) {
    ids.add(append.appendId);
    if (!append.key) continue;
    keyed += 1;
    keys.add(`${append.key.scope}\n${append.key.key}`);
  }
  return ids.size < appends.length || keys.size < keyed;
};

interface Entries {
  readonly streams: Distinct;
  readonly projects: Distinct;
  readonly firstExpected: number[];
  readonly append: number[];
  readonly stream: number[];
  readonly project: number[];
  readonly expected: number[];
  readonly events: number[];
  readonly twice: boolean;
}

const entriesOf = (appends: readonly PreparedAppend[]): Entries => {
  const table = {
    streams: new Distinct(),
    projects: new Distinct(),
    firstExpected: [] as number[],
    append: [] as number[],
    stream: [] as number[],
    project: [] as number[],
    expected: [] as number[],
    events: [] as number[],
  };
  appends.forEach(({ entries }, index) => {
    for (const { stream, projectId, expectedVersion, events } of entries) {
      const known = table.streams.indexOf(stream);
      if (known > table.firstExpected.length) table.firstExpected.push(expectedVersion);
      table.append.push(index + 1);
      table.stream.push(known);
      table.project.push(table.projects.indexOf(projectId));
      table.expected.push(expectedVersion);
      table.events.push(events.length);
    }
  });
  return { ...table, twice: table.streams.names.length < table.append.length };
};

export const APPEND_BATCH =
  'select first_position, recorded_at, verdicts from append_batch(' +
  '$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,' +
  '$32,$33,$34,$35,$36,$37,$38,$39,$40,$41,$42)';

/** The parameters of `append_batch`, in its order. */
export const batchParameters = (appends: readonly PreparedAppend[], paths: ChargePaths): unknown[] => {
  const entries = entriesOf(appends);
  const events = appends.flatMap((append) => append.entries.flatMap((entry) => entry.events));
  const eventEntries = entries.events.flatMap((count, index) => Array<number>(count).fill(index + 1));
  const { nodes, slotsPerNode, dimensions, slots, shares, isExact } = slotTable(appends, paths);
  const keys = appends.map(({ append }) => append.key);
  return [
    paths.version,
    entries.twice || namesTwice(appends) || !isExact,
    appends.length === 1 ? (appends[0]?.changes ?? null) : null,
    uuidArray(appends.map(({ id }) => id)),
    boolArray(appends.map(({ append }) => append.mode === 'command')),
    textArray(keys.map((key) => key?.scope ?? null)),
    textArray(keys.map((key) => key?.key ?? null)),
    textArray(keys.map((key) => key?.fingerprint ?? null)),
    textArray(appends.map(({ answer }) => answer)),
    textArray(appends.map(({ meta }) => meta)),
    uuidArray(appends.map(({ operation }) => operation)),
    uuidArray(appends.map(({ part }) => part)),
    textArray(entries.streams.names),
    int4Array(entries.firstExpected),
    int4Array(entries.append),
    int4Array(entries.stream),
    int4Array(entries.project),
    int4Array(entries.expected),
    int4Array(entries.events),
    int4Array(eventEntries),
    uuidArray(events.map(({ id }) => id)),
    textArray(events.map(({ type }) => type)),
    int4Array(events.map(({ schemaVersion }) => schemaVersion)),
    textArray(events.map(({ data }) => data)),
    textArray(events.map(({ charges }) => charges)),
    byteaArray(events.map(({ content }) => content)),
    uuidArray(entries.projects.names.map(uuidBytes)),
    boolArray(entries.projects.names.map((id) => paths.of(id) !== undefined)),
    uuidArray(nodes.map(uuidBytes)),
    int4Array(slotsPerNode),
    textArray(dimensions),
    int4Array(slots.map(({ dimension }) => dimension + 1)),
    int8Array(slots.map(({ held }) => held)),
    int8Array(slots.map(({ used }) => used)),
    int8Array(slots.map(({ releasing }) => releasing)),
    int8Array(slots.map(({ up }) => up)),
    int4Array(shares.map(({ append }) => append + 1)),
    int4Array(shares.map(({ share }) => share.slot.index + 1)),
    int4Array(shares.map(({ share }) => share.distance)),
    int8Array(shares.map(({ share }) => share.held)),
    int8Array(shares.map(({ share }) => share.used)),
    int8Array(shares.map(({ share }) => share.releasing)),
  ];
};
