import type { PostgresEventStore } from '@strata/event-store/postgres';
import { BindingId, type ProjectId, type StreamId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addBinding } from '../bindings/change-bindings.js';
import { recordCloudQuota } from '../bindings/record-cloud-quota.js';
import { callerWith, callOf, LogOfProjects, newStream, noted, platformAdmin } from '../contract/log-of-projects.js';
import { execute, executeFact, type CommandPorts, type Plan } from '../index.js';
import { setLimits } from '../set-limits/set-limits.js';

let log: LogOfProjects;
let store: PostgresEventStore;
let ports: CommandPorts;
let root: ProjectId;

beforeAll(async () => {
  log = await LogOfProjects.start();
  ({ store, ports, root } = log);
});
afterAll(() => log.stop());

describe('execute over a limit', () => {
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
    team = await log.newProject('team', root);
    inner = await log.newProject('inner', team);
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
    const bound = await log.newProject('bound', root, bindingId);
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
