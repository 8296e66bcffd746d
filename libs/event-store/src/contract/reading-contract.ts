import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { everything, type Sight } from '../event-store.js';
import type { Opening } from './opened-store.js';
import { type Tree, diskAppend, fact, meta, newProjectId, plantTree } from './sample-appends.js';

const at = (...nodes: string[]): Sight => ({ all: false, nodes });

export const readingContract = ({ store, second, committed }: Opening): void => {
  describe('reading', () => {
    it('shows a project, its streams and its events to those whose grants reach them, and to nobody else', async () => {
      const { root, team, other, project } = await plantTree(store());
      const append = diskAppend(project);
      const position = await committed(append);
      const streams = append.streams.map(({ stream }) => stream);
      const seen = async (sight: Sight) => {
        const loaded = await store().load({ sight, projectId: project, streams });
        const events = await store().read({ sight, after: position - 1, limit: 10 });
        return [loaded.project?.name, loaded.streams[0]?.version, events.length];
      };
      for (const node of [root, team, project]) expect(await seen(at(node))).toEqual(['project', 1, 1]);
      for (const sight of [at(other), at(), at(newProjectId())]) expect(await seen(sight)).toEqual([undefined, 0, 0]);
      expect(await seen(everything)).toEqual(['project', 1, 1]);
    });

    it('shows a stream as it was at a position', async () => {
      const { project } = await plantTree(store());
      const stream = `disk-${newId()}` as const;
      const positions: number[] = [];
      for (let version = 0; version < 4; version += 1) {
        const events = [fact(`Version${version + 1}`)];
        positions.push(
          await committed({
            ...diskAppend(project),
            streams: [{ stream, projectId: project, expectedVersion: version, events }],
          }),
        );
      }
      const versionAt = async (upTo: number | undefined) =>
        (await store().load({ sight: everything, streams: [stream], upTo })).streams[0]?.events.map(({ type }) => type);
      expect(await versionAt(undefined)).toEqual(['Version1', 'Version2', 'Version3', 'Version4']);
      expect(await versionAt(positions[1])).toEqual(['Version1', 'Version2']);
      expect(await versionAt((positions[0] ?? 0) - 1)).toEqual([]);
    });

    it('shows of a stream that went over to another project to each what was written while it was there', async () => {
      const { root, other, project } = await plantTree(store());
      const stream = `disk-${newId()}` as const;
      let version = 0;
      const written = async (projectId: Tree['project'], ...types: string[]): Promise<number> => {
        const events = types.map((type) => fact(type));
        const expectedVersion = version;
        version += types.length;
        return committed({ ...diskAppend(projectId), streams: [{ stream, projectId, expectedVersion, events }] });
      };
      const first = await written(project, 'Made', 'Changed');
      const between = await committed(diskAppend(project));
      const second = await written(other, 'Received', 'ChangedThere');
      const third = await written(project, 'ReceivedBack');

      const shown = async (sight: Sight, upTo?: number) => {
        const [loaded] = (await store().load({ sight, streams: [stream], upTo })).streams;
        return loaded?.events.map((event) => `${event.version} ${event.type}`);
      };
      const all = ['1 Made', '2 Changed', '3 Received', '4 ChangedThere', '5 ReceivedBack'];
      for (const sight of [everything, at(root)]) {
        expect(await shown(sight)).toEqual(all);
        for (const [upTo, count] of [
          [first - 1, 1],
          [first, 2],
          [between, 2],
          [second - 1, 3],
          [second, 4],
          [third, 5],
        ] as const)
          expect(await shown(sight, upTo)).toEqual(all.slice(0, count));
      }
      expect(await shown(at(project))).toEqual(['5 ReceivedBack']);
      expect(await shown(at(project), between)).toEqual(['1 Made', '2 Changed']);
      expect(await shown(at(project), second - 1)).toEqual([]);
      expect(await shown(at(project), second)).toEqual([]);
      expect(await shown(at(other))).toEqual([]);
      expect(await shown(at(other), between)).toEqual([]);
      expect(await shown(at(other), second - 1)).toEqual(['3 Received']);
      expect(await shown(at(other), third - 1)).toEqual(['3 Received', '4 ChangedThere']);
      expect(await shown(at(other), third)).toEqual([]);
    });

    it('pages through the events of a project and of an operation with its parts', async () => {
      const { project, other } = await plantTree(store());
      const [operation, part] = [newId(), newId()];
      const from = (await store().head()).position;
      const by = (operationId: string) => ({ meta: { ...meta, operationId, correlationId: operation } });
      await committed(diskAppend(project, [], by(operation)));
      await committed(diskAppend(other));
      await committed(diskAppend(project, [], by(part)));
      await committed(diskAppend(project));
      const found = async (request: { projectId?: Tree['project']; operationId?: string; limit?: number }) =>
        (await store().read({ sight: everything, after: from, limit: 10, ...request })).map(
          ({ position }) => position - from,
        );
      expect(await found({ projectId: project })).toEqual([1, 3, 4]);
      expect(await found({ projectId: project, limit: 2 })).toEqual([1, 3]);
      expect(await found({ operationId: operation })).toEqual([1, 3]);
      expect(await found({ operationId: part })).toEqual([3]);
      expect(await found({ projectId: other, operationId: operation })).toEqual([]);
    });

    it('knows where the log stood at a time', async () => {
      const { project } = await plantTree(store());
      const position = await committed(diskAppend(project));
      const { recordedAt } = await store().head();
      const time = Date.parse(recordedAt ?? '');
      // Of the time that was recorded, a `Date` has the milliseconds only: all of the last one counts.
      expect(await store().positionAt(new Date(time))).toBe(position);
      expect(await store().positionAt(new Date(time - 1))).toBeLessThan(position);
      expect(await store().positionAt(new Date(0))).toBe(0);
      expect(await store().positionAt(new Date(Date.now() + 3_600_000))).toBe(position);
    });

    it('wakes who waits for the log to grow, whoever makes it grow', async () => {
      const { project } = await plantTree(store());
      const { position } = await store().head();
      const grown = second().grownPast(position, 30_000);
      await committed(diskAppend(project));
      await grown;
      expect((await second().head()).position).toBeGreaterThan(position);
      await second().grownPast(position + 1_000, 50);
      const waiting = new AbortController();
      const aborted = second().grownPast(position + 1_000, 60_000, waiting.signal);
      waiting.abort();
      await aborted;
    });
  });
};
