import { describe, expect, it } from 'vitest';
import { everything } from '../event-store.js';
import type { Opening } from './opened-store.js';
import { changeAppend, diskAppend, held, newBindingId, newProjectId, plantTree, setLimits } from './sample-appends.js';

export const treeContract = ({ store, second, committed }: Opening): void => {
  describe('tree', () => {
    const unknown = newProjectId();
    const conflictOn = (what: string) => ({ status: 'conflict', on: 'tree', what });

    it('refuses what does not fit the tree', async () => {
      const { root, team, project, binding } = await plantTree(store());
      const added = { change: 'project-added', projectId: newProjectId(), name: 'new' } as const;
      const within = (changes: Parameters<typeof changeAppend>[1]) => store().append(changeAppend(root, changes));
      expect(await store().append(diskAppend(unknown))).toEqual(conflictOn(unknown));
      expect(await within([{ ...added, parentId: unknown, bindingId: null }])).toEqual(conflictOn(unknown));
      const noBinding = newBindingId();
      expect(await within([{ ...added, parentId: root, bindingId: noBinding }])).toEqual(conflictOn(noBinding));
      expect(await within([{ ...added, projectId: team, parentId: root, bindingId: null }])).toEqual(conflictOn(team));
      expect(await within([{ change: 'project-moved', projectId: team, parentId: project }])).toEqual(
        conflictOn(project),
      );
      expect(await within([{ change: 'project-moved', projectId: team, parentId: team }])).toEqual(conflictOn(team));
      expect(await within([{ change: 'project-removed', projectId: team }])).toEqual(conflictOn(team));
      expect(await within([{ change: 'binding-removed', bindingId: binding }])).toEqual(conflictOn(binding));
      expect(await within([{ change: 'limits-set', node: unknown, limits: [] }])).toEqual(conflictOn(unknown));
      expect(await within([{ change: 'token-revoked', tokenId: unknown }])).toEqual(conflictOn(unknown));
    });

    it('undoes the first changes of an append when a later one cannot be', async () => {
      const { root, project } = await plantTree(store());
      const changes = [
        { change: 'project-renamed', projectId: project, name: 'renamed' },
        { change: 'project-removed', projectId: root },
      ] as const;
      expect(await store().append(changeAppend(project, changes))).toEqual(conflictOn(root));
      expect((await store().load({ sight: everything, projectId: project })).project?.name).toBe('project');
    });

    it('removes a project when nothing is in it, and takes nothing for it from then on', async () => {
      const { team, project } = await plantTree(store());
      await committed(diskAppend(project, [held('disks', 1)]));
      const removal = changeAppend(project, [{ change: 'project-removed', projectId: project }]);
      expect(await store().append(removal)).toEqual(conflictOn(project));
      const before = await committed(diskAppend(project, [held('disks', -1)]));
      await committed(removal);
      expect(await store().append(diskAppend(project))).toEqual(conflictOn(project));
      expect((await store().load({ sight: everything, projectId: project })).project).toBeUndefined();
      expect((await store().load({ sight: everything, projectId: project, upTo: before })).project?.name).toBe(
        'project',
      );
      await committed(changeAppend(team, [{ change: 'project-removed', projectId: team }]));
    });

    it('is the same for every process at once', async () => {
      const { team, other, project } = await plantTree(store());
      await Promise.all([store().append(diskAppend(project)), second().append(diskAppend(project))]);
      await committed(changeAppend(project, [{ change: 'project-moved', projectId: project, parentId: other }]));
      await committed(setLimits(other, { disks: 0 }, other));
      expect(await second().append(diskAppend(project, [held('disks', 1)]))).toMatchObject({
        node: other,
        distance: 1,
      });
      await committed(changeAppend(project, [{ change: 'project-moved', projectId: project, parentId: team }]));
      expect(await second().append(diskAppend(project, [held('disks', 1)]))).toMatchObject({ status: 'committed' });
    });
  });
};
