import { ActorId, BindingId, DiskId, fold, FindingId, OperationId, ProjectId } from '@strata/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findings,
  isAdoptable,
  type BeginAdoption,
  type Evidence,
  type FindingCommand,
  type FindingKind,
  type Findings,
  type Sighting,
} from './index.js';

const id = (last: number) => `01930000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const subject = { bindingId: BindingId.parse(id(1)), cloudId: 'cloud-1', projectId: null, diskId: null };
const cloud: NonNullable<Evidence['cloud']> = {
  ...{ name: 'db', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01', marker: null },
  ...{ createdAt: '2026-11-22T10:00:00.000Z', tags: {} },
};
const sighted = (kind: FindingKind, change: Partial<NonNullable<Evidence['cloud']>> = {}): Sighting => ({
  kind,
  evidence: { differences: [], cloud: { ...cloud, ...change } },
  ownerGuess: null,
});
const swept = (...sightings: readonly Sighting[]): FindingCommand => ({
  type: 'RecordSwept',
  subject,
  sightings: sightings.map((each, index) => ({ ...each, findingId: FindingId.parse(id(10 + index)) })),
  at: '2026-11-22T10:00:00.000Z',
});
const [first, second] = [OperationId.parse(id(51)), OperationId.parse(id(52))];
const begin = (change: Partial<BeginAdoption> = {}): BeginAdoption => ({
  type: 'BeginAdoption',
  ...{ findingId: FindingId.parse(id(10)), diskId: DiskId.parse(id(3)), projectId: ProjectId.parse(id(2)) },
  ...{ operationId: first, shownAs: first, replaceMarker: false, ...change },
});
const decided = (command: FindingCommand, state: Findings) => {
  const decision = findings.decide(command, state);
  if (!decision.accepted) throw new Error(decision.refusal.type);
  return { types: decision.events.map(({ type }) => type), state: decision.events.reduce(findings.evolve, state) };
};
const after = (...commands: readonly FindingCommand[]) =>
  commands.reduce((state, command) => decided(command, state).state, fold(findings, []));
const refusal = (command: FindingCommand, state: Findings) => {
  const decision = findings.decide(command, state);
  return decision.accepted ? undefined : decision.refusal;
};
const done = { type: 'RecordAdopted', operationId: first } as const;
const failed = { type: 'RecordAdoptionFailed', operationId: first } as const;

describe('adopting what was found', () => {
  it('claims the disk of the cloud, once', () => {
    const { types, state } = decided(begin(), after(swept(sighted('unknown'))));
    expect(types).toEqual(['FindingAdoptionBegan']);
    expect(refusal(begin({ operationId: second }), state)).toMatchObject({
      type: 'finding-busy',
      blockers: [{ kind: 'operation', id: first }],
    });
    const until = '2026-12-01T00:00:00.000Z';
    expect(refusal({ type: 'Ignore', findingId: begin().findingId, until }, state)).toMatchObject({
      type: 'finding-busy',
    });
  });

  it('is what the finding waits for, also when another disk of the log that it was is deleted meanwhile', () => {
    const adopting = after(swept(sighted('unknown')), begin());
    expect(decided({ type: 'RecordDeleted' }, adopting).types).toEqual([]);
  });

  it('is refused for what is resolved, and for what is ours', () => {
    expect(refusal(begin(), fold(findings, []))).toEqual({ type: 'finding-resolved' });
    for (const kind of ['missing', 'changed', 'orphan', 'lost-marker', 'attachment-changed'] as const)
      expect(refusal(begin(), after(swept(sighted(kind))))).toEqual({ type: 'finding-not-adoptable', kind });
  });

  it('is refused for what quota cannot count', () => {
    expect(isAdoptable({ ...sighted('unknown'), removable: true })).toBe(true);
    expect(isAdoptable({ ...sighted('foreign-marker'), removable: false })).toBe(false);
    for (const change of [{ sizeGiB: 0 }, { type: '' }, { type: 'very fast' }, { type: null }])
      expect(isAdoptable({ ...sighted('unknown', change), removable: true })).toBe(false);
  });

  it('and removing it exclude each other', () => {
    const [asked, one, two] = [61, 62, 63].map((last) => ActorId.parse(id(last))) as [ActorId, ActorId, ActorId];
    const [at, expiresAt] = ['2026-11-22T10:00:00.000Z', '2026-11-29T10:00:00.000Z'];
    const { findingId } = begin();
    const wished = { type: 'RequestRemoval', findingId, by: asked, reason: 'nobody knows it', at, expiresAt } as const;
    const approved = (by: ActorId) =>
      ({ type: 'ApproveRemoval', findingId, by, issuers: [], at, operationId: second }) as const;
    const found = after(swept(sighted('unknown')), wished, approved(one));
    expect(refusal(begin(), decided(approved(two), found).state)).toEqual({
      ...{ type: 'removal-under-way', operationId: second },
      blockers: [{ kind: 'operation', id: second, reason: 'finding.remove is under way' }],
    });
    const adopting = decided(begin(), found).state;
    for (const command of [wished, approved(two)])
      expect(refusal(command, adopting)).toMatchObject({ type: 'finding-busy' });
    expect(decided({ type: 'RejectRemoval', findingId, by: two }, adopting).types).toEqual(['FindingRemovalRejected']);
    expect(refusal(approved(two), decided(done, adopting).state)).toEqual({ type: 'finding-resolved' });
    // What was wished before stands again when nothing came of it.
    expect(decided(approved(two), decided(failed, adopting).state).types).toContain('FindingRemovalBegan');
  });

  it('replaces the marker of another Strata only when it is told to', () => {
    const state = after(swept(sighted('foreign-marker', { marker: 'x.1' })));
    expect(refusal(begin(), state)).toEqual({ type: 'carries-foreign-marker', marker: 'x.1' });
    expect(decided(begin({ replaceMarker: true }), state).types).toEqual(['FindingAdoptionBegan']);
  });

  it('is left alone by sweeps while it is under way', () => {
    const state = after(swept(sighted('unknown')), begin());
    for (const command of [swept(), swept(sighted('unknown', { name: 'other' })), swept(sighted('foreign-marker'))])
      expect(decided(command, state).types).toEqual([]);
  });

  it('resolves it, and what a sweep takes for nobody’s afterwards is no finding', () => {
    const state = after(swept(sighted('unknown')), begin());
    const ended = decided(done, state);
    expect(ended.types).toEqual(['FindingAdopted']);
    expect(ended.state.live).toEqual([]);
    expect(decided(swept(sighted('unknown')), ended.state).types).toEqual([]);
    expect(refusal(begin({ operationId: second }), ended.state)).toEqual({ type: 'finding-resolved' });
    expect(decided(done, ended.state).types).toEqual([]);
  });

  it('leaves to sweeps what they find of the disk that it is by then', () => {
    const state = after(swept(sighted('unknown')), begin(), done);
    const ofDisk = { ...subject, projectId: ProjectId.parse(id(2)), diskId: DiskId.parse(id(3)) };
    const command = { ...swept(sighted('changed')), subject: ofDisk } as FindingCommand;
    expect(decided(command, state).types).toEqual(['FindingOpened']);
  });

  it('is open to another disk when a sweep finds it as nobody’s by the one that it was, and by no other', () => {
    const state = after(swept(sighted('unknown')), begin(), done);
    const foundBy = (diskId: DiskId) =>
      ({ ...swept(sighted('unknown')), subject: { ...subject, diskId } }) as FindingCommand;
    expect(decided(foundBy(DiskId.parse(id(4))), state).types).toEqual([]);
    const found = decided(foundBy(begin().diskId), state);
    expect([found.types, found.state.claim]).toEqual([['FindingOpened'], null]);
    const another = begin({ operationId: second, shownAs: second, diskId: DiskId.parse(id(4)) });
    const ended = decided({ ...done, operationId: second }, decided(another, found.state).state);
    expect(ended.state).toEqual({ live: [], claim: { is: 'adopted', diskId: id(4) } });
    expect(decided(foundBy(begin().diskId), ended.state).types).toEqual([]);
  });

  it('is open again when nothing came of it, and can be adopted anew', () => {
    const until = '2026-12-01T00:00:00.000Z';
    const ignored = after(swept(sighted('unknown')), { type: 'Ignore', findingId: begin().findingId, until });
    const ended = decided(failed, decided(begin(), ignored).state);
    expect(ended.types).toEqual(['FindingAdoptionFailed']);
    expect(ended.state).toMatchObject({ claim: null, live: [{ kind: 'unknown', ignored: null }] });
    const again = decided(begin({ operationId: second, shownAs: second }), ended.state);
    expect(again.types).toEqual(['FindingAdoptionBegan']);
    // The end of the first is told late.
    expect(decided(failed, again.state).types).toEqual([]);
    expect(decided(done, again.state).types).toEqual([]);
  });

  it('makes at most one disk of it, whatever comes in which order', () => {
    const operations = [first, second, OperationId.parse(id(53))];
    const commands = fc.oneof(
      fc.constantFrom<FindingCommand>(swept(), swept(sighted('unknown')), swept(sighted('foreign-marker'))),
      fc
        .constantFrom(...operations)
        .chain((operationId) =>
          fc.constantFrom<FindingCommand>(
            begin({ operationId, shownAs: operationId, diskId: DiskId.parse(operationId), replaceMarker: true }),
            { type: 'RecordAdopted', operationId },
            { type: 'RecordAdoptionFailed', operationId },
          ),
        ),
    );
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 25 }), (many) => {
        let state = fold(findings, []);
        let open: string | null = null;
        const adopted: string[] = [];
        for (const command of many) {
          const decision = findings.decide(command, state);
          for (const event of decision.accepted ? decision.events : []) {
            if (event.type === 'FindingAdoptionBegan') {
              expect([open, adopted]).toEqual([null, []]);
              open = event.data.operationId;
            }
            if (event.type === 'FindingAdoptionFailed' || event.type === 'FindingAdopted') {
              expect(event.data.operationId).toBe(open);
              open = null;
            }
            if (event.type === 'FindingAdopted') adopted.push(event.data.diskId);
            state = findings.evolve(state, event);
          }
        }
        expect(adopted.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});
