import type { Loaded } from '@strata/event-store';
import type { PostgresEventStore } from '@strata/event-store/postgres';
import type { Caller } from '@strata/http';
import { ProjectId, type StreamId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerWith, callOf, LogOfProjects, newStream, noted, platformAdmin } from '../contract/log-of-projects.js';
import { execute, executeFact, type CommandPorts } from '../index.js';

let log: LogOfProjects;
let store: PostgresEventStore;
let ports: CommandPorts;
let root: ProjectId;
let project: ProjectId;

beforeAll(async () => {
  log = await LogOfProjects.start();
  ({ store, ports, root, project } = log);
});
afterAll(() => log.stop());

const versionOf = async (stream: StreamId) =>
  (await store.load({ sight: { all: true }, streams: [stream] })).streams[0]?.version;

describe('execute', () => {
  it('loads, decides and appends', async () => {
    const stream = newStream();
    const first = await execute(ports, callOf(platformAdmin), log.note(stream));
    expect(first).toMatchObject({ status: 'done', answer: { stream }, versions: [1] });
    expect(await execute(ports, callOf(platformAdmin), log.note(stream))).toMatchObject({
      status: 'done',
      versions: [2],
    });
    const { streams } = await store.load({ sight: { all: true }, streams: [stream] });
    expect(streams[0]?.events.map(({ meta }) => [meta.actorId, meta.requestId])).toEqual([
      [platformAdmin.actorId, 'request-1'],
      [platformAdmin.actorId, 'request-1'],
    ]);
  });

  it('writes nothing when there is nothing new', async () => {
    const stream = newStream();
    const { position } = await store.head();
    const decide = () => log.accept(stream, 0);
    expect(await execute(ports, callOf(platformAdmin), log.note(stream, { decide }))).toEqual({
      status: 'done',
      answer: { stream },
      position,
      versions: [0],
    });
    expect((await store.head()).position).toBe(position);
  });

  it('returns a refusal of the decision and writes nothing', async () => {
    const stream = newStream();
    const decide = () => ({ accepted: false, refusal: { type: 'too-late' } }) as const;
    expect(await execute(ports, callOf(platformAdmin), log.note(stream, { decide }))).toEqual({
      status: 'refused',
      refusal: { type: 'too-late' },
    });
    expect(await versionOf(stream)).toBe(0);
  });

  describe('with an idempotency key', () => {
    it('answers a repetition as before, even where If-Match or the decision would now refuse', async () => {
      const stream = newStream();
      const call = callOf(callerWith([project, 'operator']), { idempotencyKey: newId() });
      const first = await execute(ports, call, log.note(stream));
      const decide = () => ({ accepted: false, refusal: { type: 'too-late' } }) as const;
      const again = await execute(
        ports,
        { ...call, ifMatch: { any: false, versions: [7] } },
        log.note(newStream(), { decide }),
      );
      expect(first).toMatchObject({ status: 'done' });
      expect(again).toEqual({
        status: 'replayed',
        answer: { stream },
        position: first.status === 'done' ? first.position : 0,
      });
    });

    it('refuses another request under the same key', async () => {
      const call = callOf(platformAdmin, { idempotencyKey: newId() });
      await execute(ports, call, log.note(newStream()));
      expect(await execute(ports, { ...call, fingerprint: 'f2' }, log.note(newStream()))).toEqual({
        status: 'refused',
        refusal: { type: 'idempotency-mismatch' },
      });
    });

    it('keeps keys of callers and projects apart', async () => {
      const idempotencyKey = newId();
      const [one, other] = [callerWith([project, 'operator']), callerWith([project, 'operator'])];
      const elsewhere = await log.newProject('elsewhere', root);
      const both = { ...one, grants: [...one.grants, { projectId: elsewhere, role: 'operator' as const }] };
      for (const [caller, projectId] of [
        [one, project] as const,
        [other, project] as const,
        [both, elsewhere] as const,
      ]) {
        const executed = await execute(ports, callOf(caller, { idempotencyKey }), log.note(newStream(), { projectId }));
        expect(executed.status).toBe('done');
      }
    });

    it('remembers what changed nothing: a repetition undoes nothing that was changed since', async () => {
      const stream = newStream();
      const call = callOf(callerWith([project, 'operator']), { idempotencyKey: newId() });
      const { position } = await store.head();
      const first = await execute(ports, call, log.note(stream, { decide: () => log.accept(stream, 0) }));
      expect(first).toMatchObject({ status: 'done', answer: { stream }, position, versions: [0] });
      expect(await execute(ports, call, log.note(stream))).toMatchObject({ status: 'replayed', answer: { stream } });
      expect(await execute(ports, { ...call, fingerprint: 'f2' }, log.note(stream))).toMatchObject({
        refusal: { type: 'idempotency-mismatch' },
      });
      expect(await versionOf(stream)).toBe(0);
      expect((await store.head()).position).toBe(position);
    });

    it('does not remember refusals', async () => {
      const call = callOf(platformAdmin, { idempotencyKey: newId() });
      const decide = () => ({ accepted: false, refusal: { type: 'too-early' } }) as const;
      await execute(ports, call, log.note(newStream(), { decide }));
      expect(await execute(ports, call, log.note(newStream()))).toMatchObject({ status: 'done' });
    });

    it('accepts one of many that race with it', async () => {
      const call = callOf(platformAdmin, { idempotencyKey: newId() });
      const streams = Array.from({ length: 20 }, newStream);
      const all = await Promise.all(streams.map((stream) => execute(ports, call, log.note(stream))));
      expect(all.filter(({ status }) => status === 'done')).toHaveLength(1);
      expect(all.filter(({ status }) => status === 'replayed')).toHaveLength(19);
      const answers = all.map((each) => ('answer' in each ? each.answer['stream'] : undefined));
      expect(new Set(answers).size).toBe(1);
      const versions = await Promise.all(streams.map(versionOf));
      expect(versions.filter((version) => version === 1)).toHaveLength(1);
    });
  });

  describe('asked by whom', () => {
    it('hides a project without a grant as if it were absent', async () => {
      const stranger = callOf(callerWith([await log.newProject('other', root), 'admin']));
      const hidden = await execute(ports, stranger, log.note(newStream()));
      const absent = await execute(ports, stranger, log.note(newStream(), { projectId: ProjectId.parse(newId()) }));
      expect(hidden).toEqual({ status: 'refused', refusal: { type: 'not-found' } });
      expect(absent).toEqual(hidden);
    });

    it('names the grant that is missing where the project is visible', async () => {
      expect(await execute(ports, callOf(callerWith([project, 'viewer'])), log.note(newStream()))).toEqual({
        status: 'refused',
        refusal: { type: 'forbidden', missing: { role: 'operator', projectId: project } },
      });
    });

    it('takes a role from further up the tree', async () => {
      const executed = await execute(ports, callOf(callerWith([root, 'admin'])), log.note(newStream()));
      expect(executed.status).toBe('done');
    });

    it('lets an auditor look, not write', async () => {
      const auditor: Caller = { ...callerWith(), platformRoles: ['auditor'] };
      expect(await execute(ports, callOf(auditor), log.note(newStream()))).toMatchObject({
        refusal: { type: 'forbidden' },
      });
    });
  });

  it('compares If-Match with the version of the first stream', async () => {
    const stream = newStream();
    const at = (...versions: number[]) => callOf(platformAdmin, { ifMatch: { any: false, versions } });
    expect(await execute(ports, callOf(platformAdmin, { ifMatch: { any: true } }), log.note(stream))).toMatchObject({
      refusal: { type: 'version-conflict', currentVersion: 0 },
    });
    await execute(ports, callOf(platformAdmin), log.note(stream));
    expect(await execute(ports, at(2), log.note(stream))).toMatchObject({
      refusal: { type: 'version-conflict', currentVersion: 1 },
    });
    expect(await execute(ports, at(4, 1), log.note(stream))).toMatchObject({ status: 'done', versions: [2] });
  });

  describe('when the log moves in between', () => {
    /** Another writer is faster at each of the first `times` decisions. */
    const overtaken = (stream: StreamId, times: number) => {
      const seen: number[] = [];
      const decide = async ({ streams: [loaded] }: Loaded) => {
        const version = loaded?.version ?? 0;
        seen.push(version);
        if (seen.length <= times) await execute(ports, callOf(platformAdmin), log.note(stream));
        return log.accept(stream, version, noted());
      };
      return { seen, decide };
    };

    it('decides again on what is true then', async () => {
      const stream = newStream();
      const { seen, decide } = overtaken(stream, 3);
      const executed = await execute(ports, callOf(platformAdmin), log.note(stream, { decide }));
      expect(executed).toMatchObject({ status: 'done', versions: [4] });
      expect(seen).toEqual([0, 1, 2, 3]);
    });

    it('gives up after three more decisions', async () => {
      const stream = newStream();
      const { seen, decide } = overtaken(stream, 9);
      expect(await execute(ports, callOf(platformAdmin), log.note(stream, { decide }))).toEqual({
        status: 'refused',
        refusal: { type: 'concurrent-change' },
      });
      expect(seen).toEqual([0, 1, 2, 3]);
    });
  });

  it('writes nothing with validateOnly, and leaves the key free', async () => {
    const stream = newStream();
    const { position } = await store.head();
    const call = callOf(platformAdmin, { validateOnly: true, idempotencyKey: newId() });
    const plan = log.note(stream, {
      decide: () => ({ ...log.accept(stream, 0, noted(1, 2)), plan: { then: 'this' } }),
    });
    expect(await execute(ports, call, plan)).toEqual({
      status: 'verified',
      verification: {
        allowed: true,
        problems: [],
        quota: [{ dimension: 'disks', requested: 2, available: 'unlimited', sufficient: true }],
        plan: { then: 'this' },
      },
    });
    expect((await store.head()).position).toBe(position);
    expect(await execute(ports, { ...call, validateOnly: false }, plan)).toMatchObject({ status: 'done' });
  });
});

describe('executeFact', () => {
  it('decides again when another writer was faster, and takes a second report as no news', async () => {
    const stream = newStream();
    const seen: number[] = [];
    const report = () =>
      executeFact(store, {
        streams: [stream],
        projectId: project,
        meta: { actorId: newId() },
        decide: async ({ streams: [loaded] }) => {
          const version = loaded?.version ?? 0;
          seen.push(version);
          if (seen.length === 1) await execute(ports, callOf(platformAdmin), log.note(stream));
          if (version > 1) return undefined;
          return { streams: [{ stream, projectId: project, expectedVersion: version, events: [noted()] }] };
        },
      });
    expect(await report()).toMatchObject({ status: 'recorded', versions: [2] });
    expect(await report()).toMatchObject({ status: 'no-news' });
    expect(seen).toEqual([0, 1, 2]);
  });
});
