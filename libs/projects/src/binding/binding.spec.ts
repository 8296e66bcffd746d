import { fold, ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import {
  binding,
  bindingEvent,
  featuresOf,
  limitsOfBinding,
  withheldBy,
  type Access,
  type AccessChange,
  type BindingCommand,
  type BindingEvent,
  type RollbackFeature,
} from './index.js';

const access: Access = {
  name: 'simulator',
  kind: 'evs',
  region: 'eu-de',
  endpoints: { iam: 'http://127.0.0.1:7071', evs: 'http://127.0.0.1:7071' },
  cloudProjectId: 'p1',
  credentials: { ref: 'simulator' },
};
const added = bindingEvent('BindingAdded', access);
const disks = { dimension: 'disks', limit: 400, usedByOthers: 3 };
const gigabytes = { dimension: 'gigabytes', limit: 'unlimited' as const, usedByOthers: 10 };
const observed = bindingEvent('CloudQuotaObserved', { dimensions: [disks, gigabytes] });

const given = (...past: BindingEvent[]) => ({
  when: (command: BindingCommand) => binding.decide(command, fold(binding, past)),
});
const accepted = (...events: BindingEvent[]) => ({ accepted: true, events });

describe('a binding', () => {
  it('is added and changed, and the same again is no news', () => {
    expect(given().when({ type: 'AddBinding', access })).toEqual(accepted(added));
    expect(given(added).when({ type: 'ChangeBinding', change: { name: 'other' } })).toEqual(
      accepted(bindingEvent('BindingChanged', { ...access, name: 'other' })),
    );
    const sameInAnotherOrder = {
      endpoints: { evs: access.endpoints['evs'] ?? '', iam: access.endpoints['iam'] ?? '' },
    };
    expect(given(added).when({ type: 'ChangeBinding', change: sameInAnotherOrder })).toEqual(accepted());
  });

  it('says by which call its cloud rolls back, of those that its kind knows', () => {
    const change = (rollback: RollbackFeature) =>
      ({ type: 'ChangeBinding', change: { features: { rollback } } }) as const;
    const off = bindingEvent('BindingChanged', { ...access, features: { rollback: 'off' } });
    expect(featuresOf(access)).toEqual({ rollback: 'cloudsnapshots' });
    expect(featuresOf({ ...access, kind: 'openstack' })).toEqual({ rollback: 'revert' });
    expect(given(added).when(change('off'))).toEqual(accepted(off));
    expect(given(added, off).when(change('off'))).toEqual(accepted());
    expect(given(added).when(change('revert'))).toMatchObject({
      accepted: false,
      refusal: { type: 'invalid-request', errors: [{ pointer: '/features/rollback' }] },
    });
  });

  it('loses by null an endpoint, or what was said of its features, and what is not there is no news', () => {
    const features = { rollback: 'off' } as const;
    const complete = { ...access, endpoints: { ...access.endpoints, ims: 'https://ims.example' }, features };
    const full = bindingEvent('BindingAdded', complete);
    const change = (member: AccessChange) => ({ type: 'ChangeBinding', change: member }) as const;
    const changed = (to: Access) => accepted(bindingEvent('BindingChanged', to));
    expect(given(full).when(change({ endpoints: { ims: null, evs: undefined } }))).toEqual(
      changed({ ...access, features }),
    );
    const { features: _, ...asARule } = complete;
    expect(given(full).when(change({ features: null }))).toEqual(changed(asARule));
    expect(given(full).when(change({ features: { rollback: null } }))).toEqual(changed(asARule));
    expect(given(added).when(change({ endpoints: { ims: null }, features: null }))).toEqual(accepted());
  });

  it('withholds what it names no service for, and what its cloud has no call for', () => {
    const { iam = '', evs = '' } = access.endpoints;
    const without = { ...access, endpoints: { iam, evs } };
    const complete = { ...access, endpoints: { iam, evs, ecs: evs } };
    expect(withheldBy(complete)).toEqual([]);
    expect(withheldBy(without)).toEqual(['attach']);
    expect(withheldBy({ ...without, features: { rollback: 'off' } })).toEqual(['attach', 'roll-back']);
    // Its disks know from their beginning that they are attached to nothing.
    expect(withheldBy({ ...without, kind: 'openstack' })).toEqual([]);
  });

  it('is not removed while projects use it', () => {
    const projectId = ProjectId.parse(newId());
    expect(given(added).when({ type: 'RemoveBinding', usedBy: [projectId] })).toMatchObject({
      accepted: false,
      refusal: { type: 'binding-in-use', blockers: [{ kind: 'project', id: projectId }] },
    });
    const removed = bindingEvent('BindingRemoved', {});
    expect(given(added).when({ type: 'RemoveBinding', usedBy: [] })).toEqual(accepted(removed));
    expect(given(added, removed).when({ type: 'ChangeBinding', change: {} })).toMatchObject({
      refusal: { type: 'not-found' },
    });
  });

  it('records the quota of the cloud only when it changed', () => {
    expect(given(added).when({ type: 'RecordCloudQuota', dimensions: [gigabytes, disks] })).toEqual(accepted(observed));
    expect(given(added, observed).when({ type: 'RecordCloudQuota', dimensions: [gigabytes, disks] })).toEqual(
      accepted(),
    );
    const fewer = bindingEvent('CloudQuotaObserved', { dimensions: [disks] });
    expect(given(added, observed).when({ type: 'RecordCloudQuota', dimensions: [disks] })).toEqual(accepted(fewer));
  });

  it('limits its projects to what the cloud grants minus what others use, never below nothing', () => {
    const overdrawn = { dimension: 'snapshots', limit: 5, usedByOthers: 9 };
    expect(limitsOfBinding([disks, gigabytes, overdrawn])).toEqual([
      { dimension: 'disks', limit: 397 },
      { dimension: 'gigabytes', limit: 'unlimited' },
      { dimension: 'snapshots', limit: 0 },
    ]);
  });
});
