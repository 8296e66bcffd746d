import { expect } from 'vitest';
import type { DeadlyWorld } from './deadly-world.js';
import { eventually } from './eventually.js';
import { strata } from './strata-command.js';

const views = ['projects', 'bindings', 'operations', 'pauses', 'disks', 'snapshots', 'findings', 'transfers'];

/** Views and schedule follow the log, and are behind it for a moment: what they show from here on is all that was recorded by now. */
export const untilFollowed = async (world: Pick<DeadlyWorld, 'rows'>): Promise<void> => {
  const [head] = await world.rows<{ last: string }>('select coalesce(max(position), 0) as last from events');
  const last = Number(head?.last);
  await eventually('all followers are where the log was', async () => {
    const behind = await world.rows(`select from checkpoints group by follower having max(position) < ${last}`);
    return behind.length === 0;
  });
};

/** I1, I2, I4 and I5 (docs/invariants.md), of a world in which nothing is under way any more. */
export const expectInvariants = async (world: Pick<DeadlyWorld, 'rows' | 'services'>): Promise<void> => {
  await untilFollowed(world);
  // I4: nothing waits any more; only news was written, however often a step was repeated.
  expect(await world.rows('select * from operation_schedule')).toEqual([]);
  expect(
    await world.rows(
      `select stream, string_agg(type, ' ' order by version) as story from events
        where stream like 'operation-%' group by stream
       having count(*) > 5 + 4 * count(*) filter (where type = 'SendIntended')`,
    ),
  ).toEqual([]);

  // I1, I2: positions without a hole, an unbroken chain, and a ledger that the log adds up to.
  expect(await world.rows('select count(*) = max(position) as contiguous from events')).toEqual([{ contiguous: true }]);
  const asWorker = { DATABASE_URL: world.services.database.worker };
  expect(await strata(['quota', 'verify'], asWorker)).toMatchObject({ code: 0 });
  expect(await strata(['log', 'verify'], asWorker)).toMatchObject({ code: 0 });

  // I5: what the views show is what a rebuild would.
  const rebuilt = [];
  for (const view of views) rebuilt.push(await strata(['view', 'rebuild', view], asWorker));
  expect(rebuilt.filter(({ code }) => code !== 0)).toEqual([]);
};
