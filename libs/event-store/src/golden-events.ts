import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { JsonObject } from '@strata/kernel';
import type { RecordedEvent } from './append.js';
import { EventTypes, type EventCatalogue } from './event-types.js';

const Sample = z.strictObject({
  type: z.string(),
  schemaVersion: z.int().min(1),
  /** As it was written to the log. Samples are added, never changed. */
  data: z.record(z.string(), z.json()),
  /** What upcasting must make of it; wanted for each version but the newest. */
  today: z.record(z.string(), z.json()).optional(),
});
type Sample = z.infer<typeof Sample>;

/** Names every fault of a golden file at once. */
export class GoldenFileFault extends Error {
  override readonly name = 'GoldenFileFault';
  constructor(readonly faults: readonly string[]) {
    super(`golden file of events:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

const recorded = (category: string, { type, schemaVersion, data }: Sample, index: number): RecordedEvent => ({
  position: index + 1,
  id: '00000000-0000-7000-8000-000000000000',
  stream: `${category}-golden` as RecordedEvent['stream'],
  version: index + 1,
  type,
  schemaVersion,
  projectId: '00000000-0000-7000-8000-000000000000' as RecordedEvent['projectId'],
  data: data as JsonObject,
  charges: [],
  meta: { actorId: 'golden' },
  recordedAt: '2026-01-01T00:00:00.000000Z',
  hash: '',
});

const missing = (catalogue: EventCatalogue, samples: readonly Sample[]): string[] => {
  const sampled = new Set(samples.map(({ type, schemaVersion }) => `${type} ${schemaVersion}`));
  return Object.entries(catalogue.types).flatMap(([type, { versions }]) =>
    Object.keys(versions)
      .filter((version) => !sampled.has(`${type} ${version}`))
      .map((version) => `${type} version ${version} has no sample`),
  );
};

const faultsOf = (catalogue: EventCatalogue, types: EventTypes, sample: Sample, index: number): string[] => {
  const { type, schemaVersion, data, today } = sample;
  const name = `${type} version ${schemaVersion}`;
  try {
    const decoded = types.decode(recorded(catalogue.category, sample, index));
    const parsed = catalogue.types[type]?.versions[schemaVersion]?.parse(data);
    if (!isDeepStrictEqual(parsed, data))
      return [`${name}: its schema changes the data (strips, defaults, transforms)`];
    if (decoded.schemaVersion === schemaVersion) return [];
    if (!today) return [`${name}: an older version needs \`today\`, what upcasting must make of it`];
    return isDeepStrictEqual(decoded.data, today)
      ? []
      : [`${name}: upcast to ${JSON.stringify(decoded.data)} instead of ${JSON.stringify(today)}`];
  } catch (error) {
    return [`${name}: ${String(error)}`];
  }
};

/**
 * For the spec of each catalogue: decodes, with full validation, a golden file that holds every version ever written
 * (`<feature>.events.golden.json`, a list of samples).
 * @throws GoldenFileFault when a declared version has no sample, a sample no longer decodes, an upcaster's result changed,
 * or a schema changes what it should only describe.
 */
export const checkGoldenEvents = (catalogue: EventCatalogue, golden: unknown): void => {
  const samples = z.array(Sample).parse(golden);
  const types = new EventTypes([catalogue]);
  const faults = [
    ...missing(catalogue, samples),
    ...samples.flatMap((sample, index) => faultsOf(catalogue, types, sample, index)),
  ];
  if (faults.length > 0) throw new GoldenFileFault(faults);
};
