import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Append, IdempotencyKey } from '../append.js';
import { InvalidAppend } from '../content.js';
import { everything, type EventStore, type Sight } from '../event-store.js';
import {
  changeAppend,
  diskAppend,
  fact,
  held,
  meta,
  newBindingId,
  newProjectId,
  plantTree,
  setLimits,
  type Tree,
} from './sample-appends.js';

export interface OpenedStore {
  readonly store: EventStore;
  /** A second process on the same log. */
  readonly other: EventStore;
  close(): Promise<void>;
}

const at = (...nodes: string[]): Sight => ({ all: false, nodes });

/** What any event store must do. Each test works in a tree of its own. */
export const eventStoreContract = (open: () => Promise<OpenedStore>): void => {
  let opened: OpenedStore;
  let store: EventStore;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened.close());

  const committed = async (append: Append): Promise<number> => {
    const verdict = await store.append(append);
    expect(verdict).toMatchObject({ status: 'committed' });
    return verdict.status === 'committed' ? verdict.position : 0;
  };
  const eventsAfter = (position: number) => store.read({ sight: everything, after: position, limit: 1_000 });

  describe('append', () => {
    it('commits the events of all its streams, one position after the other', async () => {
      const { project } = await plantTree(store);
      const before = await store.head();
      const [disk, operation] = [`disk-${newId()}`, `operation-${newId()}`] as const;
      const verdict = await store.append({
        ...diskAppend(project),
        streams: [
          {
            stream: operation,
            projectId: project,
            expectedVersion: 0,
            events: [fact('OperationRequested'), fact('OperationStarted')],
          },
          {
            stream: disk,
            projectId: project,
            expectedVersion: 0,
            events: [fact('DiskRequested', [held('disks', 1)], { name: 'ü' })],
          },
        ],
      });
      expect(verdict).toMatchObject({ status: 'committed', position: before.position + 3, versions: [2, 1] });
      const events = await eventsAfter(before.position);
      expect(events.map(({ position, stream, version, type }) => [position, stream, version, type])).toEqual([
        [before.position + 1, operation, 1, 'OperationRequested'],
        [before.position + 2, operation, 2, 'OperationStarted'],
        [before.position + 3, disk, 1, 'DiskRequested'],
      ]);
      expect(events[2]).toMatchObject({ data: { name: 'ü' }, charges: [held('disks', 1)], meta, projectId: project });
    });

    it('refuses a decision that was made on something that has moved since, and writes nothing', async () => {
      const { project } = await plantTree(store);
      const first = diskAppend(project);
      const head = await committed(first);
      const again = { ...first, appendId: newId() };
      const stream = first.streams[0]?.stream;
      expect(await store.append(again)).toEqual({ status: 'conflict', on: 'stream', what: stream });
      expect(await eventsAfter(head)).toEqual([]);
    });

    it('lets one of several writers of a stream through', async () => {
      const { project } = await plantTree(store);
      const stream = `disk-${newId()}` as const;
      const racing = Array.from({ length: 20 }, (_, n) =>
        [store, opened.other][n % 2]?.append({
          ...diskAppend(project),
          streams: [{ stream, projectId: project, expectedVersion: 0, events: [fact('DiskRequested')] }],
        }),
      );
      const statuses = (await Promise.all(racing)).map((verdict) => verdict?.status);
      expect(statuses.filter((status) => status === 'committed')).toHaveLength(1);
      expect(statuses.filter((status) => status === 'conflict')).toHaveLength(19);
    });

    it('answers an append that is sent again with what became of it', async () => {
      const { project } = await plantTree(store);
      const append = diskAppend(project, [held('disks', 1)]);
      const position = await committed(append);
      expect(await store.append(append)).toEqual({ status: 'replayed', position });
      expect(await Promise.all([store.append(append), opened.other.append(append)])).toEqual([
        { status: 'replayed', position },
        { status: 'replayed', position },
      ]);
      expect(await eventsAfter(position)).toEqual([]);
    });

    it('remembers an idempotency key, also between appends of one batch', async () => {
      const { project } = await plantTree(store);
      const key = (fingerprint: string): IdempotencyKey => ({
        scope: project,
        key: 'k',
        fingerprint,
        answer: { fingerprint },
      });
      const racing = ['a', 'b', 'c', 'd', 'e', 'f'].map((fingerprint, n) =>
        [store, opened.other][n % 2]?.append(diskAppend(project, [], { key: key(fingerprint) })),
      );
      const verdicts = await Promise.all(racing);
      const winner = verdicts.findIndex((verdict) => verdict?.status === 'committed');
      const known = verdicts.filter((verdict) => verdict?.status === 'key-known');
      expect(known).toHaveLength(5);
      const fingerprint = 'abcdef'[winner];
      expect(new Set(known.map((verdict) => JSON.stringify(verdict))).size).toBe(1);
      expect(known[0]).toMatchObject({ fingerprint, answer: { fingerprint } });
      const loaded = await store.load({ sight: at(), key: { scope: project, key: 'k' } });
      expect(loaded.known).toMatchObject({ fingerprint });
    });

    it('does not remember the key of what was refused', async () => {
      const { project } = await plantTree(store);
      const key = { scope: project, key: 'k', fingerprint: 'f', answer: {} };
      await committed(setLimits(project, { disks: 0 }, project));
      expect(await store.append(diskAppend(project, [held('disks', 1)], { key }))).toMatchObject({
        status: 'over-quota',
      });
      await committed(diskAppend(project, [], { key }));
    });

    it.each([
      ['U+0000 in data', { streams: [{ events: [fact('X', [], { name: 'a\u0000b' })] }] }],
      ['U+0000 in a nested name', { streams: [{ events: [fact('X', [], { tags: { 'a\u0000': '\\' } })] }] }],
      ['a lone surrogate', { streams: [{ events: [fact('X', [], { name: '\ud800' })] }] }],
      ['a number that is none', { streams: [{ events: [fact('X', [], { size: Number.NaN })] }] }],
      ['a charge that is no integer', { streams: [{ events: [fact('X', [held('disks', 0.5)])] }] }],
      ['a charge beyond safe integers', { streams: [{ events: [fact('X', [held('disks', 2 ** 53)])] }] }],
      ['a charge of a bound', { streams: [{ events: [fact('X', [held('per_disk_gigabytes', 1)])] }] }],
      ['a version beyond integers', { streams: [{ expectedVersion: 2 ** 31, events: [fact('X')] }] }],
      ['no events', { streams: [{ events: [] }] }],
    ])('refuses %s before it can hurt its neighbours', async (_, { streams }) => {
      const { project } = await plantTree(store);
      const neighbour = store.append(diskAppend(project));
      const [stream] = streams;
      const bad = diskAppend(project, [], {
        streams: [{ stream: `disk-${newId()}`, projectId: project, expectedVersion: 0, events: [], ...stream }],
      });
      await expect(store.append(bad)).rejects.toThrow(InvalidAppend);
      expect(await neighbour).toMatchObject({ status: 'committed' });
    });
  });

  describe('quota', () => {
    it('refuses a command at the nearest node that it would pass, with its figures', async () => {
      const { root, team, project, binding } = await plantTree(store);
      await committed(setLimits(project, { disks: 10 }, project));
      await committed(setLimits(team, { disks: 3, gigabytes: 100 }, team));
      await committed(setLimits(root, { disks: 3 }, root));
      await committed(setLimits(binding, { disks: 2 }, root));
      await committed(diskAppend(project, [held('disks', 2)]));
      const confirm = { dimension: 'disks', held: -1, used: 1, releasing: 0 };
      await committed(diskAppend(project, [confirm], { mode: 'fact' }));
      expect(await store.append(diskAppend(project, [held('disks', 1)]))).toEqual({
        ...{ status: 'over-quota', node: binding, nodeKind: 'binding', distance: 3, dimension: 'disks' },
        ...{ requested: 1, limit: 2, held: 1, used: 1, releasing: 0 },
      });
      expect(await store.append(diskAppend(project, [held('disks', 2)]))).toMatchObject({
        node: team,
        distance: 1,
        requested: 2,
      });
      expect(await store.append(diskAppend(project, [held('gigabytes', 101)]))).toMatchObject({
        ...{ node: team, nodeKind: 'project', dimension: 'gigabytes', requested: 101, limit: 100, held: 0 },
      });
    });

    it('gives the last of it to one of two in a batch', async () => {
      const { team, project } = await plantTree(store);
      await committed(setLimits(team, { disks: 3 }, team));
      const racing = Array.from({ length: 8 }, () => store.append(diskAppend(project, [held('disks', 1)])));
      const statuses = (await Promise.all(racing)).map(({ status }) => status);
      expect(statuses).toEqual([...Array<string>(3).fill('committed'), ...Array<string>(5).fill('over-quota')]);
    });

    it('never refuses a fact, nor what does not grow', async () => {
      const { project } = await plantTree(store);
      await committed(setLimits(project, { disks: 1, gigabytes: 'unlimited' }, project));
      await committed(diskAppend(project, [held('disks', 5), held('gigabytes', 2 ** 40)], { mode: 'fact' }));
      await committed(diskAppend(project, [{ dimension: 'disks', held: 1, used: -1, releasing: 0 }]));
      await committed(diskAppend(project, [held('disks', -1)]));
      expect(await store.append(diskAppend(project, [held('disks', 1)]))).toMatchObject({
        limit: 1,
        held: 5,
        used: -1,
      });
    });

    it('judges what an append adds up to, not its parts', async () => {
      const { project, other } = await plantTree(store);
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
      expect(await store.append({ ...diskAppend(project), streams: over })).toMatchObject({
        node: project,
        requested: 1,
        held: 1,
      });
    });

    it('carries the charges of a subtree along when it moves', async () => {
      const { root, team, other, project, binding } = await plantTree(store);
      await committed(diskAppend(project, [held('disks', 2), held('gigabytes', 20)]));
      await committed(setLimits(other, { disks: 1 }, other));
      const move = { change: 'project-moved', projectId: team, parentId: other } as const;
      expect(await store.append(changeAppend(team, [move]))).toEqual({
        ...{ status: 'over-quota', node: other, nodeKind: 'project', distance: 1, dimension: 'disks' },
        ...{ requested: 2, limit: 1, held: 0, used: 0, releasing: 0 },
      });
      await committed(changeAppend(team, [move], 'fact'));
      expect((await store.load({ sight: everything, projectId: project })).project?.path).toEqual([
        project,
        team,
        other,
        root,
      ]);
      expect(await store.append(diskAppend(project, [held('disks', 1)]))).toMatchObject({
        node: other,
        distance: 2,
        held: 2,
      });
      await committed(changeAppend(team, [{ change: 'project-moved', projectId: team, parentId: root }]));
      await committed(diskAppend(other, [held('disks', 1)]));
      await committed(setLimits(binding, { disks: 3 }, root));
      expect(await store.append(diskAppend(other, [held('disks', 1)]))).toMatchObject({ node: other, held: 1 });
      expect(await store.append(diskAppend(project, [held('disks', 1)]))).toMatchObject({ node: binding, held: 3 });
    });
  });

  describe('tree', () => {
    const unknown = newProjectId();
    const conflictOn = (what: string) => ({ status: 'conflict', on: 'tree', what });

    it('refuses what does not fit the tree', async () => {
      const { root, team, project, binding } = await plantTree(store);
      const added = { change: 'project-added', projectId: newProjectId(), name: 'new' } as const;
      const within = (changes: Parameters<typeof changeAppend>[1]) => store.append(changeAppend(root, changes));
      expect(await store.append(diskAppend(unknown))).toEqual(conflictOn(unknown));
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
      const { root, project } = await plantTree(store);
      const changes = [
        { change: 'project-renamed', projectId: project, name: 'renamed' },
        { change: 'project-removed', projectId: root },
      ] as const;
      expect(await store.append(changeAppend(project, changes))).toEqual(conflictOn(root));
      expect((await store.load({ sight: everything, projectId: project })).project?.name).toBe('project');
    });

    it('removes a project when nothing is in it, and takes nothing for it from then on', async () => {
      const { team, project } = await plantTree(store);
      await committed(diskAppend(project, [held('disks', 1)]));
      const removal = changeAppend(project, [{ change: 'project-removed', projectId: project }]);
      expect(await store.append(removal)).toEqual(conflictOn(project));
      const before = await committed(diskAppend(project, [held('disks', -1)]));
      await committed(removal);
      expect(await store.append(diskAppend(project))).toEqual(conflictOn(project));
      expect((await store.load({ sight: everything, projectId: project })).project).toBeUndefined();
      expect((await store.load({ sight: everything, projectId: project, upTo: before })).project?.name).toBe('project');
      await committed(changeAppend(team, [{ change: 'project-removed', projectId: team }]));
    });

    it('is the same for every process at once', async () => {
      const { team, other, project } = await plantTree(store);
      await Promise.all([store.append(diskAppend(project)), opened.other.append(diskAppend(project))]);
      await committed(changeAppend(project, [{ change: 'project-moved', projectId: project, parentId: other }]));
      await committed(setLimits(other, { disks: 0 }, other));
      expect(await opened.other.append(diskAppend(project, [held('disks', 1)]))).toMatchObject({
        node: other,
        distance: 1,
      });
      await committed(changeAppend(project, [{ change: 'project-moved', projectId: project, parentId: team }]));
      expect(await opened.other.append(diskAppend(project, [held('disks', 1)]))).toMatchObject({ status: 'committed' });
    });
  });

  describe('reading', () => {
    it('shows a project, its streams and its events to those whose grants reach them, and to nobody else', async () => {
      const { root, team, other, project } = await plantTree(store);
      const append = diskAppend(project);
      const position = await committed(append);
      const streams = append.streams.map(({ stream }) => stream);
      const seen = async (sight: Sight) => {
        const loaded = await store.load({ sight, projectId: project, streams });
        const events = await store.read({ sight, after: position - 1, limit: 10 });
        return [loaded.project?.name, loaded.streams[0]?.version, events.length];
      };
      for (const node of [root, team, project]) expect(await seen(at(node))).toEqual(['project', 1, 1]);
      for (const sight of [at(other), at(), at(newProjectId())]) expect(await seen(sight)).toEqual([undefined, 0, 0]);
      expect(await seen(everything)).toEqual(['project', 1, 1]);
    });

    it('shows a stream as it was at a position', async () => {
      const { project } = await plantTree(store);
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
        (await store.load({ sight: everything, streams: [stream], upTo })).streams[0]?.events.map(({ type }) => type);
      expect(await versionAt(undefined)).toEqual(['Version1', 'Version2', 'Version3', 'Version4']);
      expect(await versionAt(positions[1])).toEqual(['Version1', 'Version2']);
      expect(await versionAt((positions[0] ?? 0) - 1)).toEqual([]);
    });

    it('pages through the events of a project and of an operation with its parts', async () => {
      const { project, other } = await plantTree(store);
      const [operation, part] = [newId(), newId()];
      const from = (await store.head()).position;
      const by = (operationId: string) => ({ meta: { ...meta, operationId, correlationId: operation } });
      await committed(diskAppend(project, [], by(operation)));
      await committed(diskAppend(other));
      await committed(diskAppend(project, [], by(part)));
      await committed(diskAppend(project));
      const found = async (request: { projectId?: Tree['project']; operationId?: string; limit?: number }) =>
        (await store.read({ sight: everything, after: from, limit: 10, ...request })).map(
          ({ position }) => position - from,
        );
      expect(await found({ projectId: project })).toEqual([1, 3, 4]);
      expect(await found({ projectId: project, limit: 2 })).toEqual([1, 3]);
      expect(await found({ operationId: operation })).toEqual([1, 3]);
      expect(await found({ operationId: part })).toEqual([3]);
      expect(await found({ projectId: other, operationId: operation })).toEqual([]);
    });

    it('knows where the log stood at a time', async () => {
      const { project } = await plantTree(store);
      const position = await committed(diskAppend(project));
      const { recordedAt } = await store.head();
      const time = Date.parse(recordedAt ?? '');
      expect(await store.positionAt(new Date(time + 1))).toBe(position);
      expect(await store.positionAt(new Date(0))).toBe(0);
      expect(await store.positionAt(new Date(Date.now() + 3_600_000))).toBe(position);
    });

    it('wakes who waits for the log to grow, whoever makes it grow', async () => {
      const { project } = await plantTree(store);
      const { position } = await store.head();
      const grown = opened.other.grownPast(position, 30_000);
      await committed(diskAppend(project));
      await grown;
      expect((await opened.other.head()).position).toBeGreaterThan(position);
      await opened.other.grownPast(position + 1_000, 50);
      const waiting = new AbortController();
      const aborted = opened.other.grownPast(position + 1_000, 60_000, waiting.signal);
      waiting.abort();
      await aborted;
    });
  });
};
