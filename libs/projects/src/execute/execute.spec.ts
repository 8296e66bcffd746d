import type { Loaded } from '@strata/event-store';
import { PostgresEventStore, PostgresQuotaLedger } from '@strata/event-store/postgres';
import type { Caller } from '@strata/http';
import { BindingId, charge, ProjectId, type Fact, type StreamId } from '@strata/kernel';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addBinding } from '../bindings/change-bindings.js';
import { recordCloudQuota } from '../bindings/record-cloud-quota.js';
import { createProject } from '../create-project/create-project.js';
import { setLimits } from '../set-limits/set-limits.js';
import { execute, executeFact, type CommandPorts, type Plan, type Planned, type WriteCall } from '../index.js';

let postgres: TestPostgres;
let store: PostgresEventStore;
let ports: CommandPorts;
let root: ProjectId;
let project: ProjectId;

const callerWith = (...grants: readonly [ProjectId, 'viewer' | 'operator' | 'admin'][]): Caller => ({
  actorId: newId(),
  kind: 'service-token',
  tokenId: newId(),
  grants: grants.map(([projectId, role]) => ({ projectId, role })),
  platformRoles: [],
});
const platformAdmin: Caller = { ...callerWith(), platformRoles: ['platform-admin'] };

const callOf = (caller: Caller, others: Partial<WriteCall> = {}): WriteCall => ({
  caller,
  requestId: 'request-1',
  fingerprint: 'f1',
  validateOnly: false,
  ...others,
});

const newProject = async (name: string, parentId?: ProjectId, bindingId?: BindingId): Promise<ProjectId> => {
  const executed = await createProject(ports, callOf(platformAdmin), { name, parentId, bindingId });
  if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
  return ProjectId.parse(executed.answer['projectId']);
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  const { api } = await postgres.createDatabase();
  store = new PostgresEventStore({ url: api });
  ports = { store, ledger: new PostgresQuotaLedger(store.pool) };
  root = await newProject('root');
  project = await newProject('project', root);
});

afterAll(async () => {
  await store.close();
  await postgres.stop();
});

const newStream = (): StreamId => `disk-${newId()}`;
const noted = (n = 1, disks = 0): Fact<string, object> => ({
  type: 'Noted',
  schemaVersion: 1,
  data: { n },
  charges: disks === 0 ? [] : [charge.hold('disks', disks)],
});
const accept = (stream: StreamId, version: number, ...events: Fact<string, object>[]): Planned<never> => ({
  accepted: true,
  streams: [{ stream, projectId: project, expectedVersion: version, events }],
  answer: { stream },
});

/** Notes something on a stream of the project. */
const note = (stream: StreamId, others: Partial<Plan> = {}): Plan => ({
  role: 'operator',
  projectId: project,
  streams: [stream],
  decide: ({ streams: [loaded] }) => accept(stream, loaded?.version ?? 0, noted()),
  ...others,
});

const versionOf = async (stream: StreamId) =>
  (await store.load({ sight: { all: true }, streams: [stream] })).streams[0]?.version;

describe('execute', () => {
  it('loads, decides and appends', async () => {
    const stream = newStream();
    const first = await execute(ports, callOf(platformAdmin), note(stream));
    expect(first).toMatchObject({ status: 'done', answer: { stream }, versions: [1] });
    expect(await execute(ports, callOf(platformAdmin), note(stream))).toMatchObject({ status: 'done', versions: [2] });
    const { streams } = await store.load({ sight: { all: true }, streams: [stream] });
    expect(streams[0]?.events.map(({ meta }) => [meta.actorId, meta.requestId])).toEqual([
      [platformAdmin.actorId, 'request-1'],
      [platformAdmin.actorId, 'request-1'],
    ]);
  });

  it('writes nothing when there is nothing new', async () => {
    const stream = newStream();
    const { position } = await store.head();
    const decide = () => accept(stream, 0);
    expect(await execute(ports, callOf(platformAdmin), note(stream, { decide }))).toEqual({
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
    expect(await execute(ports, callOf(platformAdmin), note(stream, { decide }))).toEqual({
      status: 'refused',
      refusal: { type: 'too-late' },
    });
    expect(await versionOf(stream)).toBe(0);
  });

  describe('with an idempotency key', () => {
    it('answers a repetition as before, even where If-Match or the decision would now refuse', async () => {
      const stream = newStream();
      const call = callOf(callerWith([project, 'operator']), { idempotencyKey: newId() });
      const first = await execute(ports, call, note(stream));
      const decide = () => ({ accepted: false, refusal: { type: 'too-late' } }) as const;
      const again = await execute(
        ports,
        { ...call, ifMatch: { any: false, versions: [7] } },
        note(newStream(), { decide }),
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
      await execute(ports, call, note(newStream()));
      expect(await execute(ports, { ...call, fingerprint: 'f2' }, note(newStream()))).toEqual({
        status: 'refused',
        refusal: { type: 'idempotency-mismatch' },
      });
    });

    it('keeps keys of callers and projects apart', async () => {
      const idempotencyKey = newId();
      const [one, other] = [callerWith([project, 'operator']), callerWith([project, 'operator'])];
      const elsewhere = await newProject('elsewhere', root);
      const both = { ...one, grants: [...one.grants, { projectId: elsewhere, role: 'operator' as const }] };
      for (const [caller, projectId] of [
        [one, project] as const,
        [other, project] as const,
        [both, elsewhere] as const,
      ]) {
        const executed = await execute(ports, callOf(caller, { idempotencyKey }), note(newStream(), { projectId }));
        expect(executed.status).toBe('done');
      }
    });

    it('does not remember refusals', async () => {
      const call = callOf(platformAdmin, { idempotencyKey: newId() });
      const decide = () => ({ accepted: false, refusal: { type: 'too-early' } }) as const;
      await execute(ports, call, note(newStream(), { decide }));
      expect(await execute(ports, call, note(newStream()))).toMatchObject({ status: 'done' });
    });

    it('accepts one of many that race with it', async () => {
      const call = callOf(platformAdmin, { idempotencyKey: newId() });
      const streams = Array.from({ length: 20 }, newStream);
      const all = await Promise.all(streams.map((stream) => execute(ports, call, note(stream))));
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
      const stranger = callOf(callerWith([await newProject('other', root), 'admin']));
      const hidden = await execute(ports, stranger, note(newStream()));
      const absent = await execute(ports, stranger, note(newStream(), { projectId: ProjectId.parse(newId()) }));
      expect(hidden).toEqual({ status: 'refused', refusal: { type: 'not-found' } });
      expect(absent).toEqual(hidden);
    });

    it('names the grant that is missing where the project is visible', async () => {
      expect(await execute(ports, callOf(callerWith([project, 'viewer'])), note(newStream()))).toEqual({
        status: 'refused',
        refusal: { type: 'forbidden', missing: { role: 'operator', projectId: project } },
      });
    });

    it('takes a role from further up the tree', async () => {
      const executed = await execute(ports, callOf(callerWith([root, 'admin'])), note(newStream()));
      expect(executed.status).toBe('done');
    });

    it('lets an auditor look, not write', async () => {
      const auditor: Caller = { ...callerWith(), platformRoles: ['auditor'] };
      expect(await execute(ports, callOf(auditor), note(newStream()))).toMatchObject({
        refusal: { type: 'forbidden' },
      });
    });
  });

  it('compares If-Match with the version of the first stream', async () => {
    const stream = newStream();
    const at = (...versions: number[]) => callOf(platformAdmin, { ifMatch: { any: false, versions } });
    expect(await execute(ports, callOf(platformAdmin, { ifMatch: { any: true } }), note(stream))).toMatchObject({
      refusal: { type: 'version-conflict', currentVersion: 0 },
    });
    await execute(ports, callOf(platformAdmin), note(stream));
    expect(await execute(ports, at(2), note(stream))).toMatchObject({
      refusal: { type: 'version-conflict', currentVersion: 1 },
    });
    expect(await execute(ports, at(4, 1), note(stream))).toMatchObject({ status: 'done', versions: [2] });
  });

  describe('when the log moves in between', () => {
    /** Another writer is faster at each of the first `times` decisions. */
    const overtaken = (stream: StreamId, times: number) => {
      const seen: number[] = [];
      const decide = async ({ streams: [loaded] }: Loaded) => {
        const version = loaded?.version ?? 0;
        seen.push(version);
        if (seen.length <= times) await execute(ports, callOf(platformAdmin), note(stream));
        return accept(stream, version, noted());
      };
      return { seen, decide };
    };

    it('decides again on what is true then', async () => {
      const stream = newStream();
      const { seen, decide } = overtaken(stream, 3);
      const executed = await execute(ports, callOf(platformAdmin), note(stream, { decide }));
      expect(executed).toMatchObject({ status: 'done', versions: [4] });
      expect(seen).toEqual([0, 1, 2, 3]);
    });

    it('gives up after three more decisions', async () => {
      const stream = newStream();
      const { seen, decide } = overtaken(stream, 9);
      expect(await execute(ports, callOf(platformAdmin), note(stream, { decide }))).toEqual({
        status: 'refused',
        refusal: { type: 'concurrent-change' },
      });
      expect(seen).toEqual([0, 1, 2, 3]);
    });
  });

  describe('over a limit', () => {
    const holding = (stream: StreamId, projectId: ProjectId, disks: number): Plan => ({
      role: 'operator',
      projectId,
      streams: [stream],
      decide: () => ({
        accepted: true,
        streams: [{ stream, projectId, expectedVersion: 0, events: [noted(1, disks)] }],
        answer: {},
      }),
    });
    let team: ProjectId;
    let inner: ProjectId;
    beforeAll(async () => {
      team = await newProject('team', root);
      inner = await newProject('inner', team);
      await setLimits(ports, callOf(platformAdmin), team, [{ dimension: 'disks', limit: 5 }]);
      await execute(ports, callOf(platformAdmin), holding(newStream(), inner, 3));
    });

    it('shows the level with its figures to those who may view it', async () => {
      const executed = await execute(ports, callOf(callerWith([team, 'operator'])), holding(newStream(), inner, 4));
      expect(executed).toEqual({
        status: 'refused',
        refusal: {
          type: 'quota-exceeded',
          dimension: 'disks',
          requested: 4,
          missing: 2,
          level: { projectId: team, limit: 5, used: 0, held: 3, releasing: 0 },
        },
      });
    });

    it('tells all others only how far up', async () => {
      const executed = await execute(ports, callOf(callerWith([inner, 'operator'])), holding(newStream(), inner, 4));
      expect(executed).toMatchObject({ refusal: { missing: 2, level: { relation: 'ancestor', distance: 1 } } });
      expect(JSON.stringify(executed)).not.toContain(team);
    });

    it('tells the same beforehand with validateOnly', async () => {
      const call = callOf(callerWith([inner, 'operator']), { validateOnly: true });
      expect(await execute(ports, call, holding(newStream(), inner, 4))).toEqual({
        status: 'verified',
        verification: {
          allowed: false,
          problems: [
            {
              type: 'quota-exceeded',
              dimension: 'disks',
              requested: 4,
              missing: 2,
              level: { relation: 'ancestor', distance: 1 },
            },
          ],
          quota: [{ dimension: 'disks', requested: 4, available: 2, sufficient: false }],
        },
      });
    });

    it('tells where the cloud itself does not grant enough', async () => {
      const added = await addBinding(ports, callOf(platformAdmin), {
        name: 'small',
        kind: 'evs',
        region: 'eu-de',
        endpoints: { iam: 'https://iam.example', evs: 'https://evs.example' },
        cloudProjectId: 'small',
        credentials: { ref: 'small' },
      });
      const bindingId = BindingId.parse(added.status === 'done' ? added.answer['bindingId'] : undefined);
      const granted = [{ dimension: 'disks', limit: 9, usedByOthers: 7 }];
      await recordCloudQuota(store, bindingId, granted, { actorId: newId() });
      const bound = await newProject('bound', root, bindingId);
      expect(await execute(ports, callOf(callerWith([bound, 'operator'])), holding(newStream(), bound, 3))).toEqual({
        status: 'refused',
        refusal: {
          type: 'cloud-quota-exceeded',
          dimension: 'disks',
          requested: 3,
          missing: 1,
          level: { relation: 'cloud', distance: 2 },
        },
      });
    });

    it('does not refuse facts', async () => {
      const stream = newStream();
      const recorded = await executeFact(store, {
        streams: [stream],
        projectId: inner,
        meta: { actorId: newId() },
        decide: () => ({ streams: [{ stream, projectId: inner, expectedVersion: 0, events: [noted(1, 9)] }] }),
      });
      expect(recorded).toMatchObject({ status: 'recorded', versions: [1] });
    });
  });

  it('writes nothing with validateOnly, and leaves the key free', async () => {
    const stream = newStream();
    const { position } = await store.head();
    const call = callOf(platformAdmin, { validateOnly: true, idempotencyKey: newId() });
    const plan = note(stream, { decide: () => ({ ...accept(stream, 0, noted(1, 2)), plan: { then: 'this' } }) });
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
          if (seen.length === 1) await execute(ports, callOf(platformAdmin), note(stream));
          if (version > 1) return undefined;
          return { streams: [{ stream, projectId: project, expectedVersion: version, events: [noted()] }] };
        },
      });
    expect(await report()).toMatchObject({ status: 'recorded', versions: [2] });
    expect(await report()).toMatchObject({ status: 'no-news' });
    expect(seen).toEqual([0, 1, 2]);
  });
});
