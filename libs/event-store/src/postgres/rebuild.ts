import type { Pool } from 'pg';
import type { EventTypes } from '../event-types.js';
import type { FollowerTransaction, Projection } from '../follower.js';
import { lineLock, readCheckpoint, registerCheckpoint, takeStep, viewFollower } from './follower-checkpoint.js';
import { readStretch, type Stretch } from './follower-log.js';
import { inTransaction, sqlOn } from './follower-transaction.js';
import { projectionHandler } from './projection-follower.js';
import { generationOf, registerView } from './projection-generation.js';
import { viewTable } from './projection-table.js';
import { compareGenerations, type Differences } from './rebuild-differences.js';
import { lowest, type Place } from './rebuild-places.js';

export interface RebuildOptions {
  /** Connections of `strata_worker`. */
  readonly pool: Pool;
  readonly types: EventTypes;
  readonly projection: Projection;
  /** Events per transaction. Larger ones end fewer versions in the table; beyond the default, garbage collection takes more. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  readonly progressed?: (position: number) => void;
}

export interface Rebuilt {
  readonly view: string;
  readonly live: number;
  readonly generation: number;
  /** Followed up to here when the generations were compared. */
  readonly position: number;
  readonly differences: Differences;
}

/** Another rebuild of the same view, or a switch, came in between. Nothing that is in use was touched. */
export class RebuildOvertaken extends Error {
  override readonly name = 'RebuildOvertaken';
}

const defaultBatchSize = 5_000;
const rowsPerRemoval = 5_000;

/**
 * Fills a new generation beside the live one, up to the end of the log, and compares the two. Nothing is switched: that is
 * `switchView`, when the differences are what one expects (none, if the projection has not changed).
 */
export const rebuildView = async (options: RebuildOptions): Promise<Rebuilt> => {
  const { pool, projection } = options;
  await registerView(sqlOn(pool), projection.name);
  const live = await generationOf(sqlOn(pool), projection.name);
  const generation = live + 1;
  await removeGeneration(pool, projection, generation);
  await registerCheckpoint(sqlOn(pool), viewFollower(projection.name, generation));
  const rebuilt = await fill(options, generation);
  const followed = (await readCheckpoint(sqlOn(pool), viewFollower(projection.name, live))) ?? 0;
  const position = Math.min(rebuilt, followed);
  const differences = await compareGenerations(pool, { projection, live, rebuilt: generation, upTo: position });
  return { view: projection.name, live, generation, position, differences };
};

/** Takes the new generation into use. What readers see never goes back: it is first brought to where the live one is. */
export const switchView = async (options: RebuildOptions, { live, generation }: Rebuilt): Promise<void> => {
  const { pool, projection } = options;
  await fill(options, generation);
  await inTransaction(pool, async (tx) => {
    // Unlike a step, a switch that was told as done is not to be undone by a crash.
    await tx.query('set local synchronous_commit = on');
    await tx.query(lineLock, [projection.name]);
    const target = (await readCheckpoint(tx, viewFollower(projection.name, live))) ?? 0;
    await fillTo(options, generation, target, tx);
    const switched = await tx.query(
      'update view_generation set generation = $2 where view = $1 and generation = $3 returning 1 as switched',
      [projection.name, generation, live],
    );
    if (switched.length !== 1) throw new RebuildOvertaken(`${projection.name} is no longer in generation ${live}`);
  });
};

/**
 * Removes what a generation left, in chunks. Its checkpoint goes first, after the step of whoever still writes to it: the
 * next step is refused, and what a walk along the keys has left behind it stays empty. The generation in use is never removed.
 */
export const removeGeneration = async (pool: Pool, projection: Projection, generation: number): Promise<void> => {
  const { name, table } = viewTable(projection);
  if (generation === (await generationOf(sqlOn(pool), name)))
    throw new Error(`${name}: generation ${generation} is in use`);
  const follower = viewFollower(name, generation);
  await inTransaction(pool, async (tx) => {
    // Steps of who followed it while it was in use are taken in the line of the view, those of a rebuild in its own.
    for (const line of [name, follower]) await tx.query(lineLock, [line]);
    await tx.query('delete from checkpoints where follower = $1', [follower]);
  });
  let after: Place | undefined = lowest;
  while (after) {
    const { key, validFrom }: Place = after;
    [after] = await inTransaction(pool, (tx) => tx.query<Place>(removalSql(table), [generation, key, validFrom]));
  }
};

/** Removes the next rows and tells the last of them. What is gone is not walked over again. */
const removalSql = (table: string): string =>
  `with next as (
      select key, valid_from, ctid as place from ${table} where generation = $1 and (key, valid_from) > ($2::uuid, $3::bigint)
        order by key, valid_from limit ${rowsPerRemoval}),
    removed as (delete from ${table} where ctid = any(array(select place from next)))
    select key, valid_from as "validFrom" from next order by key desc, valid_from desc limit 1`;

/** To the end of the log, each batch in a transaction of its own; the next is read while one is written. */
const fill = async (options: RebuildOptions, generation: number): Promise<number> => {
  const { pool, projection, signal, progressed } = options;
  const checkpoint = viewFollower(projection.name, generation);
  const start = await readCheckpoint(sqlOn(pool), checkpoint);
  if (start === undefined) throw new RebuildOvertaken(`${checkpoint} was removed`);
  let position = start;
  let next = await readBatch(options, sqlOn(pool), position);
  while (next.to > position) {
    signal?.throwIfAborted();
    const [batch, after] = [next, position];
    position = batch.to;
    [next] = await Promise.all([
      readBatch(options, sqlOn(pool), position),
      inTransaction(pool, (tx) => step(options, generation, after, batch, tx)),
    ]);
    progressed?.(position);
  }
  return position;
};

const readBatch = (
  { batchSize = defaultBatchSize, projection }: RebuildOptions,
  db: FollowerTransaction,
  after: number,
): Promise<Stretch> => readStretch(db, after, batchSize, projection);

const fillTo = async (options: RebuildOptions, generation: number, target: number, tx: FollowerTransaction) => {
  let position = (await readCheckpoint(tx, viewFollower(options.projection.name, generation))) ?? 0;
  while (position < target) {
    const batch = await readBatch(options, tx, position);
    await step(options, generation, position, batch, tx);
    position = batch.to;
  }
};

const step = async (
  { projection, types }: RebuildOptions,
  generation: number,
  after: number,
  { events, to }: Stretch,
  tx: FollowerTransaction,
): Promise<void> => {
  const follower = viewFollower(projection.name, generation);
  if (!(await takeStep(tx, { follower, line: follower, after, position: to }))) {
    throw new RebuildOvertaken(`someone else is filling ${follower}`);
  }
  await projectionHandler(projection, types)(events, tx, generation);
};
