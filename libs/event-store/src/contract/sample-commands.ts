import type { BindingId, Charge, ProjectId, StreamId } from '@strata/kernel';
import fc from 'fast-check';
import type { Append, LaneChange } from '../append.js';
import { fact, limits, meta } from './sample-appends.js';

/** A command of the property tests as small numbers: which project, which stream, how much. They become an append of one log. */
export type Sketch =
  | {
      readonly do: 'charge';
      readonly mode: Append['mode'];
      readonly id: number;
      readonly key: number | null;
      readonly parts: readonly {
        readonly project: number;
        readonly stream: number;
        /** The version expected is the one that the writer knows, or one that is wrong by this. */
        readonly staleBy: number;
        readonly charges: readonly {
          readonly dimension: number;
          readonly amounts: readonly [number, number, number];
        }[];
      }[];
    }
  | { readonly do: 'add'; readonly project: number; readonly parent: number; readonly binding: number }
  | { readonly do: 'move'; readonly project: number; readonly parent: number; readonly mode: Append['mode'] }
  | { readonly do: 'remove'; readonly project: number }
  | {
      readonly do: 'limit';
      readonly node: number;
      readonly of: readonly (readonly [dimension: number, limit: number])[];
    };

export const PROJECTS = 12;
export const BINDINGS = 2;
const STREAMS = 16;
const DIMENSIONS = ['disks', 'gigabytes', 'disks:SSD', 'snapshots'];

const hex = (kind: number, n: number) =>
  `01900000-${kind.toString(16).padStart(4, '0')}-7000-8000-${n.toString(16).padStart(12, '0')}`;
export const projectAt = (n: number) => hex(1, n) as ProjectId;
export const bindingAt = (n: number) => hex(2, n) as BindingId;
export const nodeAt = (n: number) => (n < PROJECTS ? projectAt(n) : bindingAt(n - PROJECTS));
export const allDimensions: readonly string[] = DIMENSIONS;
const streamAt = (n: number): StreamId => `disk-${hex(3, n)}`;

/** The first ones more often: they exist sooner, and a charge is of interest only in a project that exists. */
const project = fc.constantFrom(0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11);
const amount = fc.integer({ min: -2, max: 4 });
const mode = fc.constantFrom<Append['mode']>('command', 'command', 'command', 'fact');
const charges = fc.array(
  fc.record({ dimension: fc.nat({ max: DIMENSIONS.length - 1 }), amounts: fc.tuple(amount, amount, amount) }),
  { maxLength: 3 },
);
const part = fc.record({
  project,
  stream: fc.nat({ max: STREAMS - 1 }),
  staleBy: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
  charges,
});

const charge = fc.record({
  do: fc.constant('charge' as const),
  mode,
  id: fc.nat({ max: 20_000 }),
  key: fc.option(fc.nat({ max: 1_000 }), { freq: 3 }),
  parts: fc.uniqueArray(part, { minLength: 1, maxLength: 3, selector: ({ stream }) => stream }),
});
/** Of a request that changed nothing. */
const keyAlone = fc.record({
  do: fc.constant('charge' as const),
  mode,
  id: fc.nat({ max: 20_000 }),
  key: fc.nat({ max: 1_000 }),
  parts: fc.constant([]),
});
const change: fc.Arbitrary<Sketch> = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    project,
    parent: fc.oneof({ arbitrary: project, weight: 8 }, { arbitrary: fc.constant(PROJECTS), weight: 1 }),
    binding: fc.nat({ max: BINDINGS }),
  }),
  fc.record({ do: fc.constant('move' as const), project, parent: project, mode }),
  fc.record({ do: fc.constant('remove' as const), project }),
  fc.record({
    do: fc.constant('limit' as const),
    node: fc.nat({ max: PROJECTS + BINDINGS - 1 }),
    of: fc.uniqueArray(fc.tuple(fc.nat({ max: DIMENSIONS.length - 1 }), fc.integer({ min: -1, max: 20 })), {
      maxLength: 3,
      selector: ([dimension]) => dimension,
    }),
  }),
);

export const sketch: fc.Arbitrary<Sketch> = fc.oneof(
  { arbitrary: charge, weight: 10 },
  { arbitrary: keyAlone, weight: 1 },
  { arbitrary: change, weight: 2 },
);

const chargesOf = (drawn: readonly { dimension: number; amounts: readonly [number, number, number] }[]): Charge[] =>
  drawn.map(({ dimension, amounts: [held, used, releasing] }) => ({
    dimension: DIMENSIONS[dimension] ?? '',
    held,
    used,
    releasing,
  }));

const changeOf = (drawn: Exclude<Sketch, { do: 'charge' }>): LaneChange => {
  switch (drawn.do) {
    case 'add':
      return {
        change: 'project-added',
        projectId: projectAt(drawn.project),
        parentId: drawn.parent === PROJECTS ? null : projectAt(drawn.parent),
        bindingId: drawn.binding === BINDINGS ? null : bindingAt(drawn.binding),
        name: `project ${drawn.project}`,
      };
    case 'move':
      return { change: 'project-moved', projectId: projectAt(drawn.project), parentId: projectAt(drawn.parent) };
    case 'remove':
      return { change: 'project-removed', projectId: projectAt(drawn.project) };
    case 'limit':
      return {
        change: 'limits-set',
        node: nodeAt(drawn.node),
        limits: limits(
          Object.fromEntries(
            drawn.of.map(([dimension, limit]) => [DIMENSIONS[dimension], limit < 0 ? 'unlimited' : limit]),
          ),
        ),
      };
  }
};

/** Appends from sketches: knows the versions that its own appends led to, as a writer does who loads before he decides. */
export class SketchedAppends {
  readonly #versions = new Map<string, number>();
  #changes = 0;

  /** @param writer keeps streams and ids of several writers apart. */
  constructor(private readonly writer = 0) {}

  of(drawn: Sketch): Append {
    if (drawn.do !== 'charge') {
      const home = drawn.do === 'limit' ? projectAt(0) : projectAt(drawn.project);
      const stream: StreamId = `project-${hex(4 + this.writer, (this.#changes += 1))}`;
      return {
        appendId: hex(0x1000 + this.writer, this.#changes),
        mode: drawn.do === 'move' ? drawn.mode : 'command',
        meta,
        changes: [changeOf(drawn)],
        streams: [{ stream, projectId: home, expectedVersion: 0, events: [fact('ProjectChanged')] }],
      };
    }
    const key =
      drawn.key === null ? undefined : { scope: 'spec', key: `${drawn.key}`, fingerprint: `${drawn.id}`, answer: {} };
    return {
      appendId: hex(0x2000 + this.writer, drawn.id),
      mode: drawn.mode,
      meta,
      key,
      streams: drawn.parts.map(({ project: home, stream, staleBy, charges: own }) => {
        const name = streamAt(stream + this.writer * STREAMS);
        const expectedVersion = (this.#versions.get(name) ?? 0) + staleBy;
        return { stream: name, projectId: projectAt(home), expectedVersion, events: [fact('Charged', chargesOf(own))] };
      }),
    };
  }

  committed(append: Append): void {
    for (const { stream, expectedVersion, events } of append.streams) {
      this.#versions.set(stream, expectedVersion + events.length);
    }
  }
}
