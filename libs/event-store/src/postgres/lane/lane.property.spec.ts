import type { ProjectId } from '@strata/kernel';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Append, Verdict } from '../../append.js';
import { LaneModel, type ModelVerdict } from '../../contract/lane-model.js';
import { changeAppend, diskAppend, fact } from '../../contract/sample-appends.js';
import {
  allDimensions,
  bindingAt,
  BINDINGS,
  nodeAt,
  projectAt,
  PROJECTS,
  type Sketch,
  sketch,
  SketchedAppends,
} from '../../contract/sample-commands.js';
import { everything } from '../../event-store.js';
import { registerFollower } from '../follower-state.js';
import { PostgresEventStore } from '../postgres-event-store.js';
import { PostgresQuotaLedger } from '../quota-ledger.js';

const nightly = process.env['STRATA_TEST_SCALE'] === 'nightly';
const runs = nightly ? 40 : 4;
const commandsPerRun = nightly ? 5_000 : 1_200;
const compareEvery = 50;
const recountEvery = 1_000;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const withoutTimes = (verdict: Verdict): ModelVerdict =>
  verdict.status === 'committed' ? { status: 'committed', position: verdict.position } : verdict;

/** A tree to begin with, so that not everything is refused: seven projects four levels deep on two bindings. */
const beginning = (): readonly Append[] => [
  changeAppend(projectAt(0), [
    ...Array.from({ length: BINDINGS }, (_, n) => ({ change: 'binding-added', bindingId: bindingAt(n) }) as const),
    ...[null, 0, 0, 1, 1, 3, 2].map((parent, n) => ({
      ...({
        change: 'project-added',
        projectId: projectAt(n),
        bindingId: bindingAt(n % BINDINGS),
        name: `${n}`,
      } as const),
      parentId: parent === null ? null : projectAt(parent),
    })),
  ]),
  diskAppend(projectAt(0), [], {
    streams: [
      { stream: `disk-${projectAt(0)}`, projectId: projectAt(0), expectedVersion: 0, events: [fact('Charged')] },
    ],
  }),
];

/** What every follower knows is written in the order in which it came; all else waits until that was asked. */
const makeKnown = async (url: string, types: readonly string[]): Promise<void> => {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  await registerFollower(pool, 'spec', types);
  await pool.end();
};

const allNodes = Array.from({ length: PROJECTS + BINDINGS }, (_, n) => nodeAt(n));

/** Figures of the model and of the ledger, node by node, as of now. */
const compareFigures = async (model: LaneModel, ledger: PostgresQuotaLedger) => {
  for (const id of allNodes.slice(0, PROJECTS)) {
    const node = model.nodes.get(id);
    if (!node || node.isRemoved) continue;
    const levels = await ledger.path(id as ReturnType<typeof projectAt>);
    for (const [distance, at] of model.chargePath(id).entries()) {
      for (const dimension of allDimensions) {
        const level = levels.find((each) => each.node === at && each.dimension === dimension);
        const { held, used, releasing } = model.figures(at, dimension);
        const limit = model.nodes.get(at)?.limits.get(dimension) ?? 'unlimited';
        if (!level) expect([held, used, releasing, limit]).toEqual([0, 0, 0, 'unlimited']);
        else expect(level).toMatchObject({ distance, held, used, releasing, limit });
      }
    }
  }
};

const chunks = <T>(items: readonly T[], sizes: readonly number[]): readonly (readonly T[])[] => {
  const cut: T[][] = [];
  for (let from = 0, n = 0; from < items.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    cut.push(items.slice(from, from + size));
    from += size;
  }
  return cut;
};

describe('the commit lane', () => {
  it('gives every append the verdict of the model, however the appends fall into batches', async () => {
    const sketches = fc.array(sketch, { minLength: commandsPerRun, maxLength: commandsPerRun, size: 'max' });
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(sketches, sizes, async (drawn, batchSizes) => {
        const database = await postgres.createDatabase();
        const store = new PostgresEventStore({ url: database.api });
        const ledger = new PostgresQuotaLedger(store.pool);
        const [model, appends] = [new LaneModel(), new SketchedAppends()];
        try {
          await makeKnown(database.worker, ['ProjectChanged', 'Charged']);
          for (const append of beginning())
            expect(withoutTimes(await store.append(append))).toEqual(model.append(append));
          let commands = 0;
          for (const batch of chunks(drawn, batchSizes)) {
            const sent = batch.map((each) => appends.of(each));
            const verdicts = (await Promise.all(sent.map((append) => store.append(append)))).map(withoutTimes);
            const expected = sent.map((append) => model.append(append));
            expect(verdicts).toEqual(expected);
            sent.forEach((append, n) => expected[n]?.status === 'committed' && appends.committed(append));
            for (const verdict of expected) {
              const kind = verdict.status === 'conflict' ? `conflict on ${verdict.on}` : verdict.status;
              seen.set(kind, (seen.get(kind) ?? 0) + 1);
            }
            const before = commands;
            commands += batch.length;
            if (Math.floor(before / recountEvery) < Math.floor(commands / recountEvery)) {
              expect((await ledger.recount()).differences).toEqual([]);
            }
            if (Math.floor(before / compareEvery) < Math.floor(commands / compareEvery))
              await compareFigures(model, ledger);
          }
          await compareFigures(model, ledger);
          expect((await ledger.recount()).differences).toEqual([]);
        } finally {
          await store.close();
          await database.drop();
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
    // The property is worth something only if every verdict came about often.
    for (const kind of ['committed', 'replayed', 'key-known', 'conflict on stream', 'conflict on tree', 'over-quota']) {
      expect([kind, (seen.get(kind) ?? 0) > runs * 5]).toEqual([kind, true]);
    }
  }, 600_000);

  it('names of two projects the one that never was, where the other was removed', async () => {
    const database = await postgres.createDatabase();
    const store = new PostgresEventStore({ url: database.api });
    const [model, removed, never] = [new LaneModel(), projectAt(6), projectAt(7)];
    const both = async (append: Append) => [withoutTimes(await store.append(append)), model.append(append)] as const;
    const ending = (projects: readonly ProjectId[]): Append => ({
      ...diskAppend(removed, [], { mode: 'fact' }),
      streams: projects.flatMap((projectId) => diskAppend(projectId).streams),
    });
    try {
      const planted = [...beginning(), changeAppend(removed, [{ change: 'project-removed', projectId: removed }])];
      for (const append of planted) await both(append);
      const conflict = { status: 'conflict', on: 'tree', what: never };
      expect(await both(ending([removed, never]))).toEqual([conflict, conflict]);
      const committed = { status: 'committed', position: model.position + 1 };
      expect(await both(ending([removed]))).toEqual([committed, committed]);
    } finally {
      await store.close();
      await database.drop();
    }
  });

  it('keeps the ledger equal to the log under parallel writers, and lets no command past a limit', async () => {
    const writers = 3;
    const sketches = fc.array(sketch, { minLength: commandsPerRun, maxLength: commandsPerRun, size: 'max' });
    await fc.assert(
      fc.asyncProperty(fc.tuple(sketches, sketches, sketches), async (drawn) => {
        const database = await postgres.createDatabase();
        const stores = Array.from({ length: writers }, () => new PostgresEventStore({ url: database.api }));
        const [first] = stores;
        if (!first) throw new Error('no writer');
        try {
          const log: { readonly append: Append; readonly position: number }[] = [];
          const note = (append: Append, verdict: Verdict) => {
            if (verdict.status === 'committed') log.push({ append, position: verdict.position });
          };
          for (const append of beginning()) note(append, await first.append(append));
          const write = async (store: PostgresEventStore, own: readonly Sketch[], writer: number) => {
            const appends = new SketchedAppends(writer);
            for (const batch of chunks(own, [1, 3, 8])) {
              const sent = batch.map((each) => appends.of(each));
              const verdicts = await Promise.all(sent.map((append) => store.append(append)));
              verdicts.forEach((verdict, n) => {
                const append = sent[n];
                if (append) note(append, verdict);
                if (append && verdict.status === 'committed') appends.committed(append);
              });
            }
          };
          await Promise.all(stores.map((store, writer) => write(store, drawn[writer] ?? [], writer)));

          const model = new LaneModel();
          // A key alone stands where the event before it stands.
          const streamsOf = ({ append }: (typeof log)[number]) => append.streams.length;
          for (const { append, position } of log.sort(
            (a, b) => a.position - b.position || streamsOf(b) - streamsOf(a),
          )) {
            expect(model.append(append)).toEqual({ status: 'committed', position });
          }
          const ledger = new PostgresQuotaLedger(first.pool);
          await compareFigures(model, ledger);
          const { position, differences } = await ledger.recount();
          expect({ position, differences }).toEqual({ position: model.position, differences: [] });
          const events = await first.read({ sight: everything, after: 0, limit: 100_000 });
          expect(events.map((event) => event.position)).toEqual(events.map((_, n) => n + 1));
        } finally {
          await Promise.all(stores.map((store) => store.close()));
          await database.drop();
        }
      }),
      { numRuns: nightly ? 10 : 2, endOnFailure: true },
    );
  }, 600_000);

  it('answers figures at every position as a recount of the log up to there', async () => {
    const sketches = fc.array(sketch, { minLength: 60, maxLength: 120, size: 'max' });
    await fc.assert(
      fc.asyncProperty(sketches, async (drawn) => {
        const database = await postgres.createDatabase();
        const store = new PostgresEventStore({ url: database.api });
        try {
          const appends = new SketchedAppends();
          for (const append of beginning()) await store.append(append);
          for (const batch of chunks(drawn, [9, 1, 4])) {
            const sent = batch.map((each) => appends.of(each));
            const verdicts = await Promise.all(sent.map((append) => store.append(append)));
            verdicts.forEach((verdict, n) => {
              const append = sent[n];
              if (append && verdict.status === 'committed') appends.committed(append);
            });
          }
          const ledger = new PostgresQuotaLedger(store.pool);
          const { position: head } = await store.head();
          for (let upTo = 0; upTo <= head; upTo += 1) {
            expect({ upTo, differences: (await ledger.recount(upTo)).differences }).toEqual({ upTo, differences: [] });
          }
        } finally {
          await store.close();
          await database.drop();
        }
      }),
      { numRuns: nightly ? 20 : 2, endOnFailure: true },
    );
  }, 600_000);
});
