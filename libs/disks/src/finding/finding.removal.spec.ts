import { ActorId, BindingId, DiskId, fold, FindingId, OperationId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import {
  findingEvent,
  findings,
  type FindingCommand,
  type FindingEvent,
  type FindingEventOf,
  type FindingKind,
  type Sighting,
} from './index.js';

const id = (last: number) => `01930000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const findingId = FindingId.parse(id(1));
const operationId = OperationId.parse(id(2));
const [anna, ben] = [ActorId.parse(id(11)), ActorId.parse(id(12))] as const;
const [now, week] = ['2026-12-01T00:00:00.000Z', '2026-12-08T00:00:00.000Z'] as const;
const subject = { bindingId: BindingId.parse(id(3)), cloudId: 'cloud-1', projectId: null, diskId: null };
const seen = { name: 'old', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01', marker: null, createdAt: now };
const sighting: Sighting = { kind: 'unknown', evidence: { differences: [], cloud: seen }, ownerGuess: null };

const opened = (change: Partial<FindingEventOf<'FindingOpened'>['data']> = {}) =>
  findingEvent('FindingOpened', { findingId, ...sighting, ...subject, ...change });
const asked = findingEvent('FindingRemovalRequested', {
  findingId,
  by: anna,
  reason: 'nobody knows it',
  expiresAt: week,
});
const approvedBy = (by: ActorId, ...issuers: ActorId[]) =>
  findingEvent('FindingRemovalApproved', { findingId, by, issuers });
const began = findingEvent('FindingRemovalBegan', { findingId, operationId });
const expired = (why: 'time' | 'changed') => findingEvent('FindingRemovalExpired', { findingId, why });

const ask = {
  type: 'RequestRemoval',
  findingId,
  by: anna,
  reason: 'nobody knows it',
  at: now,
  expiresAt: week,
} as const;
const approve = (by: ActorId, at: string = now, issuers: readonly ActorId[] = []) =>
  ({ type: 'ApproveRemoval', findingId, by, issuers, at, operationId }) as const;
const reject = { type: 'RejectRemoval', findingId, by: ben } as const;
const ended = (fault: { code: string; title: string } | null) =>
  ({ type: 'RecordRemovalEnded', operationId, fault }) as const;
const swept = (at: string, ...sightings: readonly Sighting[]) =>
  ({ type: 'RecordSwept', subject, sightings: sightings.map((each) => ({ ...each, findingId })), at }) as const;

const given = (...past: readonly FindingEvent[]) => ({
  when: (command: FindingCommand) => {
    const decision = findings.decide(command, fold(findings, past));
    return {
      then: (...events: readonly FindingEvent[]) => expect(decision).toEqual({ accepted: true, events }),
      thenRefused: (type: string) => expect(decision).toMatchObject({ accepted: false, refusal: { type } }),
    };
  },
});

describe('removing what Strata did not make', () => {
  it('is asked for once, and begins with the approval of a second person', () => {
    given(opened()).when(ask).then(asked);
    given(opened(), asked).when(ask).thenRefused('removal-pending');
    given(opened(), asked).when(approve(anna)).then(approvedBy(anna));
    given(opened(), asked, approvedBy(anna)).when(approve(ben)).then(approvedBy(ben), began);
  });

  it('needs two people, however often one of them approves', () => {
    given(opened(), asked, approvedBy(anna)).when(approve(anna)).thenRefused('approved-before');
  });

  it('needs two whose tokens come neither from one another nor from a third, the first of all excepted', () => {
    const [first, carl] = [ActorId.parse(id(21)), ActorId.parse(id(22))];
    const after = (one: readonly ActorId[], other: readonly ActorId[]) =>
      given(opened(), asked, approvedBy(anna, ...one)).when(approve(ben, now, other));
    for (const [one, other] of [
      [[], [anna]],
      [[ben, first], [first]],
      [[first], [carl, anna, first]],
      [
        [carl, first],
        [carl, first],
      ],
      [
        [carl, first],
        [ActorId.parse(id(23)), carl, first],
      ],
    ] as const)
      after(one, other).thenRefused('approver-not-independent');
    for (const [one, other] of [
      [[], []],
      [[first], [first]],
      [[carl, first], [first]],
      [[carl], [first]],
      [
        [carl, first],
        [ActorId.parse(id(23)), first],
      ],
    ] as const)
      after(one, other).then(approvedBy(ben, ...other), began);
  });

  it('counts an approval of before this was asked, as far as it tells', () => {
    const before = findingEvent('FindingRemovalApproved', { findingId, by: anna });
    given(opened(), asked, before).when(approve(ben)).then(approvedBy(ben), began);
    given(opened(), asked, before)
      .when(approve(ben, now, [anna]))
      .thenRefused('approver-not-independent');
  });

  it('is not begun by anybody once it has begun', () => {
    const underWay = given(opened(), asked, approvedBy(anna), approvedBy(ben), began);
    underWay.when(approve(ActorId.parse(id(13)))).thenRefused('removal-under-way');
    underWay.when(ask).thenRefused('removal-under-way');
    underWay.when(reject).thenRefused('removal-under-way');
  });

  it('is not approved before it was asked for, nor after it was rejected', () => {
    given(opened()).when(approve(anna)).thenRefused('removal-not-requested');
    given(opened()).when(reject).thenRefused('removal-not-requested');
    const rejected = findingEvent('FindingRemovalRejected', { findingId, by: ben });
    given(opened(), asked, approvedBy(anna)).when(reject).then(rejected);
    given(opened(), asked, approvedBy(anna), rejected).when(approve(ben)).thenRefused('removal-not-requested');
    given(opened(), asked, approvedBy(anna), rejected).when(ask).then(asked);
    given(opened(), asked, approvedBy(anna), rejected, asked).when(approve(ben)).then(approvedBy(ben));
  });

  it('is not approved after its time, and can then be asked for anew', () => {
    given(opened(), asked, approvedBy(anna)).when(approve(ben, week)).thenRefused('removal-expired');
    given(opened(), asked)
      .when({ ...ask, at: week })
      .then(expired('time'), asked);
    given(opened(), asked).when(swept(week, sighting)).then(expired('time'));
    given(opened(), asked).when(swept(now, sighting)).then();
  });

  it('was approved of what was seen then: a change ends it', () => {
    const evidence = { differences: [], cloud: { ...seen, sizeGiB: 20 } };
    const changed = findingEvent('FindingChanged', { findingId, evidence, ownerGuess: null });
    given(opened(), asked, approvedBy(anna))
      .when(swept(now, { ...sighting, evidence }))
      .then(changed, expired('changed'));
  });

  it('is left to its operation once it has begun', () => {
    const underWay = [opened(), asked, approvedBy(anna), approvedBy(ben), began] as const;
    given(...underWay)
      .when(swept(now))
      .then();
    given(...underWay)
      .when(swept(week, sighting))
      .then();
    given(...underWay)
      .when(ended(null))
      .then(findingEvent('FindingRemoved', { findingId, operationId }));
    const fault = { code: 'cloud-state-conflict', title: 'It is attached' };
    const failed = findingEvent('FindingRemovalFailed', { findingId, operationId, fault });
    given(...underWay)
      .when(ended(fault))
      .then(failed);
    given(...underWay, failed)
      .when(ended(fault))
      .then();
    given(...underWay, failed)
      .when(swept(now))
      .then(findingEvent('FindingResolved', { findingId }));
  });

  it.each<[FindingKind, object]>([
    ['missing', { diskId: DiskId.parse(id(4)) }],
    ['changed', { diskId: DiskId.parse(id(4)) }],
    ['lost-marker', { diskId: DiskId.parse(id(4)) }],
    ['stuck', { diskId: DiskId.parse(id(4)) }],
    ['foreign-marker', { diskId: DiskId.parse(id(4)) }],
  ])('is not for what Strata made (%s)', (kind, of) => {
    given(opened({ kind, ...of }))
      .when(ask)
      .thenRefused('not-removable');
  });

  it.each<[FindingKind, object]>([
    ['orphan', { diskId: DiskId.parse(id(4)) }],
    ['foreign-marker', {}],
    ['foreign-marker', { resource: 'snapshot', diskId: DiskId.parse(id(4)) }],
    ['unknown', { resource: 'snapshot', diskId: DiskId.parse(id(4)) }],
  ])('is for what is strange (%s)', (kind, of) => {
    given(opened({ kind, ...of }))
      .when(ask)
      .then(asked);
  });

  it('ends with the finding', () => {
    given().when(ask).thenRefused('finding-resolved');
    given(opened(), asked).when(swept(now)).then(findingEvent('FindingResolved', { findingId }));
  });
});

describe('a marker that was written back', () => {
  it('ends the finding that it was lost, and no other', () => {
    const [lost, changed] = [FindingId.parse(id(21)), FindingId.parse(id(22))];
    given(opened({ findingId: lost, kind: 'lost-marker' }), opened({ findingId: changed, kind: 'changed' }))
      .when({ type: 'RecordRepaired' })
      .then(findingEvent('FindingRepaired', { findingId: lost }));
    given(opened({ kind: 'changed' }))
      .when({ type: 'RecordRepaired' })
      .then();
  });
});
