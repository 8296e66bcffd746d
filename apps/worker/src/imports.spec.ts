import { importDisks, type ImportWanted } from '@strata/disks';
import { everything } from '@strata/event-store';
import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import { ProjectId, type JsonObject } from '@strata/kernel';
import { historyOf } from '@strata/operations';
import { bindingEvent, bindingStream, nodeOf } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { FollowedWork } from './contract/followed-work.js';
import { forEachFollowedWork } from './contract/for-each-test.js';
import { cloudProjectId, spec, type WorkUnderTest } from './contract/work-under-test.js';

let work: WorkUnderTest;
let followed: FollowedWork;
/** Beside the project of the work, in the same cloud. */
let other: ProjectId;

forEachFollowedWork(async (started) => {
  followed = started;
  ({ work } = started);
  other = ProjectId.parse(newId());
  const { bindingId } = work;
  await work.append({
    changes: [{ change: 'project-added', projectId: other, parentId: null, bindingId, name: 'beta' }],
  });
  const endpoints = { evs: work.simulator.url };
  const names = { name: 'simulator', kind: 'evs', region: 'eu-de' } as const;
  const access = { ...names, endpoints, cloudProjectId, credentials: { ref: 'simulator' } };
  const added = { stream: bindingStream(bindingId), projectId: nodeOf(bindingId), expectedVersion: 0 };
  await work.append({ streams: [{ ...added, events: [bindingEvent('BindingAdded', access)] }] });
});

const sweep = () => followed.sweep();
const strangers = async (name: string, count: number, tags: object) => {
  const { availabilityZone } = spec;
  await work.simulate('disks', { projectId: cloudProjectId, availabilityZone, name, count, size: 10, tags });
};

const platformAdmin = {
  ...{
    caller: {
      actorId: newId(),
      kind: 'service-token' as const,
      tokenId: newId(),
      grants: [],
      platformRoles: ['platform-admin'] as const,
    },
  },
  ...{ requestId: newId(), fingerprint: '', validateOnly: false },
};
const imported = async (change: Partial<ImportWanted> = {}) => {
  const { store, bindingId, projectId } = work;
  const rules = [
    { by: 'tag', key: 'team', value: 'ledger', projectId },
    { by: 'name', pattern: 'billing-*', projectId: other },
  ] as const;
  const ports = { store, views: followed.views, ledger: new PostgresQuotaLedger(store.pool) };
  const wanted = { bindingId, rules, default: 'leave', ...change } as const;
  const { executed } = await importDisks(ports, platformAdmin, wanted, null);
  if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
  return String(executed.answer['operationId']);
};
const operationNow = async (operationId: string) => {
  const stream = `operation-${operationId}` as const;
  const [loaded] = (await work.store.load({ sight: everything, streams: [stream] })).streams;
  const { operation } = historyOf(loaded ?? { stream, version: 0, events: [] });
  if (operation.status === 'absent') throw new Error('no such operation');
  return { operation, ended: loaded?.events.at(-1)?.data as JsonObject };
};
/** Its parts, then the whole. */
const carriedOut = async (operationId: string) => {
  const { parts } = (await operationNow(operationId)).operation;
  await Promise.all(parts.map((part) => work.carryOut(part)));
  await work.carryOut(operationId);
  return operationNow(operationId);
};
const usedOf = async (node: ProjectId, dimension: string) => {
  const [newest] = await new PostgresQuotaLedger(work.store.pool).history({ sight: everything, node, limit: 1 });
  return newest?.figures.find((each) => each.dimension === dimension)?.used;
};
const statuses = async () => (await followed.findings()).map(({ status }) => status).sort();

describe('importing what others made in a cloud project', () => {
  it('adopts every disk once into its project, though answers are lost, and no sweep finds any afterwards', async () => {
    await strangers('ledger', 12, { team: 'ledger' });
    await strangers('billing', 8, {});
    await strangers('other', 1, {});
    expect(await sweep()).toMatchObject({ unknown: 21 });
    await work.append({
      changes: [{ change: 'limits-set', node: other, limits: [{ dimension: 'disks', limit: 3 }] }],
    });
    await work.faults(
      { kind: 'drop-answer', times: 3, match: { operation: 'metadata.merge' } },
      { kind: 'drop-request', times: 2, match: { operation: 'tags.change' } },
    );
    const { operation, ended } = await carriedOut(await imported());
    expect(operation).toMatchObject({ kind: 'binding.import', status: 'succeeded' });
    const { disks } = ended['result'] as { disks: readonly { projectId: string; status: string }[] };
    expect(disks.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'succeeded'));
    expect([await usedOf(work.projectId, 'gigabytes'), await usedOf(other, 'disks')]).toEqual([120, 8]);
    const marked = (await work.disksInCloud()).filter(({ marker }) => marker !== null);
    expect(new Set(marked.map(({ marker }) => marker?.split('.')[0])).size).toBe(20);
    for (let time = 1; time <= 2; time += 1)
      expect(await sweep()).toMatchObject({ inCloud: 21, unknown: 1, changed: 0, surplusRemoved: 0, findings: 1 });
    expect((await statuses()).filter((status) => status === 'open')).toHaveLength(1);
    expect((await new PostgresQuotaLedger(work.store.pool).recount()).differences).toEqual([]);
  });

  it('tells of each disk what became of it, and takes up what is left the next time', async () => {
    await strangers('billing', 3, {});
    await sweep();
    const operationId = await imported();
    const [gone] = await work.disksInCloud();
    await work.simulate(`disks/${gone?.cloudId}`, { delete: true });
    const { operation, ended } = await carriedOut(operationId);
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'partial-failure' } });
    const { disks } = ended['result'] as { disks: readonly { cloudId: string; status: string; error: JsonObject }[] };
    expect(disks.filter(({ status }) => status === 'failed')).toMatchObject([
      { cloudId: gone?.cloudId, projectId: other, error: { code: 'not-found-in-cloud' } },
    ]);
    await strangers('billing', 1, {});
    expect(await sweep()).toMatchObject({ unknown: 1, surplusRemoved: 0 });
    expect(await statuses()).toEqual(['open', 'resolved', 'resolved', 'resolved']);
    expect((await carriedOut(await imported({ rules: [], default: other }))).operation.status).toBe('succeeded');
    expect(await usedOf(other, 'disks')).toBe(3);
    expect((await new PostgresQuotaLedger(work.store.pool).recount()).differences).toEqual([]);
  });
});
