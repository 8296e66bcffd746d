import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { everything } from '../event-store.js';
import type { Opening } from './opened-store.js';
import { changeAppend, diskAppend, fact, held, plantTree, setLimits } from './sample-appends.js';

export const quotaContract = ({ store, committed }: Opening): void => {
  describe('quota', () => {
    it('refuses a command at the nearest node that it would pass, with its figures', async () => {
      const { root, team, project, binding } = await plantTree(store());
      await committed(setLimits(project, { disks: 10 }, project));
      await committed(setLimits(team, { disks: 3, gigabytes: 100 }, team));
      await committed(setLimits(root, { disks: 3 }, root));
      await committed(setLimits(binding, { disks: 2 }, root));
      await committed(diskAppend(project, [held('disks', 2)]));
      const confirm = { dimension: 'disks', held: -1, used: 1, releasing: 0 };
      await committed(diskAppend(project, [confirm], { mode: 'fact' }));
      expect(await store().append(diskAppend(project, [held('disks', 1)]))).toEqual({
        status: 'over-quota',
        node: binding,
        nodeKind: 'binding',
        distance: 3,
        dimension: 'disks',
        requested: 1,
        limit: 2,
        held: 1,
        used: 1,
        releasing: 0,
      });
      expect(await store().append(diskAppend(project, [held('disks', 2)]))).toMatchObject({
        node: team,
        distance: 1,
        requested: 2,
      });
      expect(await store().append(diskAppend(project, [held('gigabytes', 101)]))).toMatchObject({
        node: team,
        nodeKind: 'project',
        dimension: 'gigabytes',
        requested: 101,
        limit: 100,
        held: 0,
      });
    });

    it('gives the last of it to one of two in a batch', async () => {
      const { team, project } = await plantTree(store());
      await committed(setLimits(team, { disks: 3 }, team));
      const racing = Array.from({ length: 8 }, () => store().append(diskAppend(project, [held('disks', 1)])));
      const statuses = (await Promise.all(racing)).map(({ status }) => status);
      expect(statuses).toEqual([...Array<string>(3).fill('committed'), ...Array<string>(5).fill('over-quota')]);
    });

    it('never refuses a fact, nor what does not grow', async () => {
      const { project } = await plantTree(store());
      await committed(setLimits(project, { disks: 1, gigabytes: 'unlimited' }, project));
      await committed(diskAppend(project, [held('disks', 5), held('gigabytes', 2 ** 40)], { mode: 'fact' }));
      await committed(diskAppend(project, [{ dimension: 'disks', held: 1, used: -1, releasing: 0 }]));
      await committed(diskAppend(project, [held('disks', -1)]));
      expect(await store().append(diskAppend(project, [held('disks', 1)]))).toMatchObject({
        limit: 1,
        held: 5,
        used: -1,
      });
    });

    it('judges what an append adds up to, not its parts', async () => {
      const { project, other } = await plantTree(store());
      await committed(setLimits(project, { disks: 1 }, project));
      await committed(diskAppend(project, [held('disks', 1)]));
      const stream = (projectId: typeof project, n: number) => ({
        ...{
          stream: `disk-${newId()}` as const,
          projectId,
          expectedVersion: 0,
          events: [fact('X', [held('disks', n)])],
        },
      });
      const streams = [stream(project, 1), stream(other, 1), stream(project, -1)];
      await committed({ ...diskAppend(project), streams });
      const over = [stream(other, 1), stream(project, 1), stream(project, 1), stream(project, -1)];
      expect(await store().append({ ...diskAppend(project), streams: over })).toMatchObject({
        node: project,
        requested: 1,
        held: 1,
      });
    });

    it('carries the charges of a subtree along when it moves', async () => {
      const { root, team, other, project, binding } = await plantTree(store());
      await committed(diskAppend(project, [held('disks', 2), held('gigabytes', 20)]));
      await committed(setLimits(other, { disks: 1 }, other));
      const move = { change: 'project-moved', projectId: team, parentId: other } as const;
      expect(await store().append(changeAppend(team, [move]))).toEqual({
        status: 'over-quota',
        node: other,
        nodeKind: 'project',
        distance: 1,
        dimension: 'disks',
        requested: 2,
        limit: 1,
        held: 0,
        used: 0,
        releasing: 0,
      });
      await committed(changeAppend(team, [move], 'fact'));
      expect((await store().load({ sight: everything, projectId: project })).project?.path).toEqual([
        project,
        team,
        other,
        root,
      ]);
      expect(await store().append(diskAppend(project, [held('disks', 1)]))).toMatchObject({
        node: other,
        distance: 2,
        held: 2,
      });
      await committed(changeAppend(team, [{ change: 'project-moved', projectId: team, parentId: root }]));
      await committed(diskAppend(other, [held('disks', 1)]));
      await committed(setLimits(binding, { disks: 3 }, root));
      expect(await store().append(diskAppend(other, [held('disks', 1)]))).toMatchObject({ node: other, held: 1 });
      expect(await store().append(diskAppend(project, [held('disks', 1)]))).toMatchObject({ node: binding, held: 3 });
    });
  });
};
