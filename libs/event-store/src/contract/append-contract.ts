import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { IdempotencyKey } from '../append.js';
import { InvalidAppend } from '../content.js';
import { everything, type Sight } from '../event-store.js';
import type { Opening } from './opened-store.js';
import { diskAppend, fact, held, meta, plantTree, setLimits } from './sample-appends.js';

const at = (...nodes: string[]): Sight => ({ all: false, nodes });

export const appendContract = ({ store, second, committed }: Opening): void => {
  const eventsAfter = (position: number) => store().read({ sight: everything, after: position, limit: 1_000 });

  describe('append', () => {
    it('commits the events of all its streams, one position after the other', async () => {
      const { project } = await plantTree(store());
      const before = await store().head();
      const [disk, operation] = [`disk-${newId()}`, `operation-${newId()}`] as const;
      const verdict = await store().append({
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
      const { project } = await plantTree(store());
      const first = diskAppend(project);
      const head = await committed(first);
      const again = { ...first, appendId: newId() };
      const stream = first.streams[0]?.stream;
      expect(await store().append(again)).toEqual({ status: 'conflict', on: 'stream', what: stream });
      expect(await eventsAfter(head)).toEqual([]);
    });

    it('lets one of several writers of a stream through', async () => {
      const { project } = await plantTree(store());
      const stream = `disk-${newId()}` as const;
      const racing = Array.from({ length: 20 }, (_, n) =>
        [store(), second()][n % 2]?.append({
          ...diskAppend(project),
          streams: [{ stream, projectId: project, expectedVersion: 0, events: [fact('DiskRequested')] }],
        }),
      );
      const statuses = (await Promise.all(racing)).map((verdict) => verdict?.status);
      expect(statuses.filter((status) => status === 'committed')).toHaveLength(1);
      expect(statuses.filter((status) => status === 'conflict')).toHaveLength(19);
    });

    it('answers an append that is sent again with what became of it', async () => {
      const { project } = await plantTree(store());
      const append = diskAppend(project, [held('disks', 1)]);
      const position = await committed(append);
      expect(await store().append(append)).toEqual({ status: 'replayed', position });
      expect(await Promise.all([store().append(append), second().append(append)])).toEqual([
        { status: 'replayed', position },
        { status: 'replayed', position },
      ]);
      expect(await eventsAfter(position)).toEqual([]);
    });

    it('remembers an idempotency key, also between appends of one batch', async () => {
      const { project } = await plantTree(store());
      const key = (fingerprint: string): IdempotencyKey => ({
        scope: project,
        key: 'k',
        fingerprint,
        answer: { fingerprint },
      });
      const racing = ['a', 'b', 'c', 'd', 'e', 'f'].map((fingerprint, n) =>
        [store(), second()][n % 2]?.append(diskAppend(project, [], { key: key(fingerprint) })),
      );
      const verdicts = await Promise.all(racing);
      const winner = verdicts.findIndex((verdict) => verdict?.status === 'committed');
      const known = verdicts.filter((verdict) => verdict?.status === 'key-known');
      expect(known).toHaveLength(5);
      const fingerprint = 'abcdef'[winner];
      expect(new Set(known.map((verdict) => JSON.stringify(verdict))).size).toBe(1);
      expect(known[0]).toMatchObject({ fingerprint, answer: { fingerprint } });
      const loaded = await store().load({ sight: at(), key: { scope: project, key: 'k' } });
      expect(loaded.known).toMatchObject({ fingerprint });
    });

    it('remembers a key alone, writes nothing else, and answers it when it is sent again', async () => {
      const { project } = await plantTree(store());
      const key: IdempotencyKey = { scope: project, key: 'alone', fingerprint: 'a', answer: { at: 'once' } };
      const append = diskAppend(project, [], { streams: [], key });
      const { position } = await store().head();
      const [first, among] = await Promise.all([store().append(append), store().append(diskAppend(project))]);
      expect(first).toMatchObject({ status: 'committed', versions: [] });
      expect(among).toMatchObject({ status: 'committed', position: position + 1 });
      expect(await eventsAfter(position)).toHaveLength(1);
      expect(await store().append(append)).toMatchObject({ status: 'replayed' });
      expect(await second().append(diskAppend(project, [], { key: { ...key, fingerprint: 'b' } }))).toMatchObject({
        status: 'key-known',
        fingerprint: 'a',
        answer: { at: 'once' },
      });
    });

    it('remembers one of many that come alone under one key, and takes nothing that has neither key nor event', async () => {
      const { project } = await plantTree(store());
      const alone = (fingerprint: string) =>
        store().append(
          diskAppend(project, [], { streams: [], key: { scope: project, key: 'k', fingerprint, answer: {} } }),
        );
      const verdicts = await Promise.all(['a', 'b', 'c'].map(alone));
      expect(verdicts.map(({ status }) => status).sort()).toEqual(['committed', 'key-known', 'key-known']);
      await expect(store().append(diskAppend(project, [], { streams: [] }))).rejects.toThrow('needs an event');
    });

    it('does not remember the key of what was refused', async () => {
      const { project } = await plantTree(store());
      const key = { scope: project, key: 'k', fingerprint: 'f', answer: {} };
      await committed(setLimits(project, { disks: 0 }, project));
      expect(await store().append(diskAppend(project, [held('disks', 1)], { key }))).toMatchObject({
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
      const { project } = await plantTree(store());
      const neighbour = store().append(diskAppend(project));
      const [stream] = streams;
      const bad = diskAppend(project, [], {
        streams: [{ stream: `disk-${newId()}`, projectId: project, expectedVersion: 0, events: [], ...stream }],
      });
      await expect(store().append(bad)).rejects.toThrow(InvalidAppend);
      expect(await neighbour).toMatchObject({ status: 'committed' });
    });
  });
};
