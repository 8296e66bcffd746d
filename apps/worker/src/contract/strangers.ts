import { decideAdoption, findings, findingsIn, findingStream, findingsView, type FindingRow } from '@strata/disks';
import { everything } from '@strata/event-store';
import { ActorId, DiskId, FindingId, OperationId, ProjectId } from '@strata/kernel';
import { operationEvent, planOperation } from '@strata/operations';
import { v7 as newId } from 'uuid';
import type { FollowedViews } from './followed-views.js';
import { cloudProjectId, spec, type WorkUnderTest } from './work-under-test.js';
import { sweeping } from '../sweeping.js';

/** Disks that somebody else made: found by sweeps, adopted or removed as the api would have it written. */
export class Strangers {
  constructor(
    private readonly work: WorkUnderTest,
    private readonly followed: Pick<FollowedViews, 'views' | 'caughtUp'>,
    /** Where they are found and adopted. */
    private readonly place: Pick<WorkUnderTest, 'bindingId' | 'projectId'> = work,
  ) {}

  async sweep() {
    await this.followed.caughtUp();
    const { store, cloud, bindingId } = this.work;
    const bounds = { requestsPerSecond: 10_000, requestTimeoutMs: 15_000, keep: () => Promise.resolve() };
    const { signal } = new AbortController();
    return sweeping({ store, views: this.followed.views, signal, ...bounds })(cloud, bindingId);
  }

  /** One that a sweep has found. */
  async found(): Promise<FindingRow> {
    const body = { projectId: cloudProjectId, availabilityZone: spec.availabilityZone, name: 'billing-db', size: 20 };
    const planted = (await this.work.simulate('disks', body)) as unknown as { disks: readonly { id: string }[] };
    const cloudId = planted.disks[0]?.id ?? '';
    await this.sweep();
    await this.followed.caughtUp();
    const sort = { by: 'firstSeenAt', direction: 'desc' } as const;
    const listing = { view: findingsView, sight: everything, sort, limit: 500 };
    const { rows } = await this.followed.views.list(listing);
    const row = rows.find((each) => each.cloudId === cloudId);
    if (row === undefined) throw new Error('nothing was found');
    return row;
  }

  async askedToAdopt({ cloudId, key }: FindingRow, name: string) {
    const { bindingId, projectId } = this.place;
    const [operationId, diskId] = [OperationId.parse(newId()), DiskId.parse(newId())];
    const ids = { bindingId, cloudId, findingId: FindingId.parse(key), diskId, operationId, shownAs: operationId };
    const thing = await this.thing(cloudId);
    const decision = decideAdoption({ ...ids, projectId, name, replaceMarker: false }, thing, 'evs');
    if (!decision.accepted) throw new Error(decision.refusal.type);
    const { streams } = planOperation({ ...decision.part, kind: 'disk.adopt', bindingId });
    await this.work.append({ mode: 'fact', streams });
    return { operationId, diskId };
  }

  /** Approved by two. */
  async askedToRemove({ cloudId, key, doc }: FindingRow): Promise<OperationId> {
    const { bindingId } = this.work;
    const projectId = ProjectId.parse(bindingId);
    const [findingId, operationId, at] = [FindingId.parse(key), OperationId.parse(newId()), '2026-12-01T00:00:00.000Z'];
    const people = [ActorId.parse(newId()), ActorId.parse(newId())] as const;
    const commands = [
      { type: 'RequestRemoval', findingId, by: people[0], reason: 'unused', at, expiresAt: '2099-01-01T00:00:00.000Z' },
      ...people.map((by) => ({ type: 'ApproveRemoval', findingId, by, issuers: [], at, operationId }) as const),
    ] as const;
    for (const command of commands) {
      const thing = await this.thing(cloudId);
      const decision = findings.decide(command, findingsIn(thing));
      if (!decision.accepted) throw new Error(decision.refusal.type);
      const { stream, version: expectedVersion } = thing;
      await this.work.append({ streams: [{ stream, projectId, expectedVersion, events: decision.events }] });
    }
    const requested = operationEvent('OperationRequested', {
      ...{ operationId, kind: 'finding.remove', projectId, bindingId, partOf: null, parts: [], retryOf: null },
      target: { type: 'binding', id: bindingId },
      input: { findingId: key, cloudId, resource: 'disk', diskId: null, seen: doc.evidence.cloud },
    });
    const stream = `operation-${operationId}` as const;
    await this.work.append({ streams: [{ stream, projectId, expectedVersion: 0, events: [requested] }] });
    return operationId;
  }

  private async thing(cloudId: string) {
    const stream = findingStream(this.place.bindingId, cloudId);
    const [loaded] = (await this.work.store.load({ sight: everything, streams: [stream] })).streams;
    if (loaded === undefined) throw new Error('no stream');
    return loaded;
  }
}
