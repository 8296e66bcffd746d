import { describe, expect, it } from 'vitest';
import { eventually } from '../contract/eventually.js';
import { followersForEachTest } from '../contract/followers-for-each-test.js';
import {
  counting,
  followed,
  type FollowersUnderTest,
  looked,
  statusOf,
  upTo,
} from '../contract/followers-under-test.js';
import { sampleEvents, sampleId, sampleView } from '../contract/sample-disks.js';
import type { Follower } from '../follower.js';
import { retireFollower, typesUnknownToFollowers } from './follower-state.js';

let under: FollowersUnderTest;

followersForEachTest((opened) => void (under = opened));

describe('followers that meet what they cannot handle', () => {
  it('go on without the one that meets an event it cannot handle, and that one goes on when it can', async () => {
    let poisoned = true;
    const faults: string[] = [];
    const picky: Follower = {
      name: 'picky',
      handle: async (events, tx) => {
        if (poisoned && events.some(({ position }) => position === 57)) throw new TypeError('cannot digest 57');
        await counting('picky').handle(events, tx);
      },
    };
    const runner = await under.start({
      projections: [sampleView],
      followers: [counting('healthy'), picky],
      observer: { stopped: (name, { position }) => faults.push(`${name} ${position}`) },
    });
    await under.log.write(looked(200));
    const stopped = await eventually(
      () => statusOf(runner, 'picky'),
      ({ status }) => status === 'stopped',
    );
    expect(stopped).toMatchObject({
      position: 56,
      fault: { position: 57, error: 'TypeError', detail: 'cannot digest 57' },
    });
    await eventually(
      () => under.effectsOf('healthy'),
      (positions) => positions.length === 200,
    );
    expect(await under.effectsOf('picky')).toEqual(upTo(56));
    expect(faults).toEqual(['picky 57']);
    // Recorded for others after this process knows it.
    const recorded = await eventually(
      () => under.stateOf('picky'),
      (state) => state?.status === 'stopped',
    );
    expect(recorded).toEqual({ status: 'stopped', position: '57', error: 'TypeError' });

    poisoned = false;
    await followed(runner, 200);
    expect(await under.effectsOf('picky')).toEqual(upTo(200));
    await eventually(
      () => under.stateOf('picky'),
      (state) => state?.status === 'running',
    );
  });

  it('stop at a gap in the log, at the event that is missing', async () => {
    const runner = await under.start({ projections: [sampleView], followers: [counting('effects')] });
    await under.log.write(looked(30));
    await under.log.write(looked(30), 1);
    const stopped = await eventually(
      () => runner.status(),
      (all) => all.every(({ status }) => status === 'stopped'),
    );
    expect(stopped.map(({ position, fault }) => [position, fault?.position, fault?.error])).toEqual([
      [30, 31, 'GapInLog'],
      [30, 31, 'GapInLog'],
    ]);
    expect(await under.effectsOf('effects')).toEqual(upTo(30));
  });

  it('stop before a type they do not know, until a build that knows it comes', async () => {
    const runner = await under.start({ projections: [sampleView] });
    await under.log.write(looked(9));
    await under.log.write([
      { disk: sampleId(1, 1), projectId: sampleId(2, 1), type: 'SampleFrobbed', schemaVersion: 1, data: {} },
    ]);
    await under.log.write(looked(10));
    const stopped = await eventually(
      () => statusOf(runner, 'disks'),
      ({ status }) => status === 'stopped',
    );
    expect(stopped).toMatchObject({ position: 9, behind: 11, fault: { position: 10, error: 'UnknownEventType' } });
    await runner.stop();

    const newer = await under.start({ projections: [{ ...sampleView, ignores: ['SampleLooked', 'SampleFrobbed'] }] });
    await followed(newer, 20);
    await eventually(
      () => under.stateOf('disks'),
      (state) => state?.status === 'running' && state.error === null,
    );
  });

  it('tell a writer which types not all of them know yet', async () => {
    const knowing = (knows: readonly string[]) => ({ ...counting('picky'), knows });
    const types = ['SampleLooked', 'SampleDeleted', 'SampleFrobbed'];
    await under.start({ projections: [sampleView], followers: [knowing(['SampleLooked'])] });
    expect(await typesUnknownToFollowers(under.pool, types)).toEqual(['SampleDeleted', 'SampleFrobbed']);
    await under.start({ followers: [knowing(sampleEvents.names)] });
    expect(await typesUnknownToFollowers(under.pool, types)).toEqual(['SampleFrobbed']);
    await retireFollower(under.pool, 'disks');
    await retireFollower(under.pool, 'picky');
    expect(await typesUnknownToFollowers(under.pool, types)).toEqual([]);
  });
});
