import { BindingId, DiskId, fold, FindingId, ProjectId } from '@strata/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FindingKind, findings, type Evidence, type FindingCommand, type Findings, type Sighting } from './index.js';

const id = (last: number) => `01930000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const subject = {
  bindingId: BindingId.parse(id(1)),
  cloudId: 'cloud-1',
  projectId: ProjectId.parse(id(2)),
  diskId: DiskId.parse(id(3)),
};
const evidenceOf = (...members: readonly string[]): Evidence => ({
  differences: members.map((member) => ({ member, log: 'a', cloud: 'b' })),
  cloud: null,
});
const sighted = (kind: FindingKind, evidence = evidenceOf()): Sighting => ({ kind, evidence, ownerGuess: null });

let made = 100;
const swept = (sightings: readonly Sighting[], at = '2026-11-22T10:00:00.000Z'): FindingCommand => ({
  type: 'RecordSwept',
  subject,
  sightings: sightings.map((each) => ({ ...each, findingId: FindingId.parse(id((made += 1))) })),
  at,
});
const decided = (command: FindingCommand, state: Findings) => {
  const decision = findings.decide(command, state);
  if (!decision.accepted) throw new Error(decision.refusal.type);
  return { types: decision.events.map(({ type }) => type), state: decision.events.reduce(findings.evolve, state) };
};
const after = (...commands: readonly FindingCommand[]) =>
  commands.reduce((state, command) => decided(command, state).state, fold(findings, []));
const idOf = ({ live: [first] }: Findings) => first?.findingId ?? FindingId.parse(id(999));

describe('what a sweep found', () => {
  it('is a finding of each kind, until it is seen in order', () => {
    const open = after(swept([sighted('changed'), sighted('lost-marker')]));
    expect(open.live.map(({ kind }) => kind)).toEqual(['changed', 'lost-marker']);
    const { types, state } = decided(swept([sighted('lost-marker')]), open);
    expect(types).toEqual(['FindingResolved']);
    expect(state.live.map(({ kind }) => kind)).toEqual(['lost-marker']);
    expect(after(swept([sighted('missing')]), swept([])).live).toEqual([]);
  });

  it('keeps its id, and is news again only when something else speaks for it', () => {
    const open = after(swept([sighted('changed', evidenceOf('name', 'type'))]));
    expect(decided(swept([sighted('changed', evidenceOf('type', 'name'))]), open).types).toEqual([]);
    const { types, state } = decided(swept([sighted('changed', evidenceOf('name'))]), open);
    expect(types).toEqual(['FindingChanged']);
    expect(idOf(state)).toBe(idOf(open));
  });

  it('is another finding when it comes back', () => {
    const [open, again] = [after(swept([sighted('missing')])), swept([sighted('missing')])];
    expect(idOf(decided(again, decided(swept([]), open).state).state)).not.toBe(idOf(open));
  });

  it('is another finding when it is about another disk by now', () => {
    const open = after({ ...swept([sighted('unknown')]), subject: { ...subject, diskId: null } } as FindingCommand);
    const { types, state } = decided(swept([sighted('unknown')]), open);
    expect(types).toEqual(['FindingResolved', 'FindingOpened']);
    expect(state.live).toMatchObject([{ diskId: subject.diskId }]);
    expect(decided(swept([sighted('unknown')]), state).types).toEqual([]);
  });

  it('is another finding when its disk belongs to another project by now', () => {
    const open = after(swept([sighted('changed')]));
    const projectId = ProjectId.parse(id(8));
    const there = { ...swept([sighted('changed')]), subject: { ...subject, projectId } } as FindingCommand;
    const { types, state } = decided(there, open);
    expect(types).toEqual(['FindingResolved', 'FindingOpened']);
    expect(state.live).toMatchObject([{ projectId }]);
    expect(decided(there, state).types).toEqual([]);
  });

  it('tells a value that is not there from one that is empty', () => {
    const evidence = (cloud: string | null): Evidence => ({
      ...{ differences: [{ member: 'tags.team', log: 'a', cloud }], cloud: null },
    });
    const open = after(swept([sighted('changed', evidence(''))]));
    expect(decided(swept([sighted('changed', evidence(null))]), open).types).toEqual(['FindingChanged']);
  });

  it('is over when it was written back, or when the log took it over', () => {
    const open = after(swept([sighted('changed'), sighted('stuck')]));
    const putBack = decided({ type: 'RecordPutBack', findingId: idOf(open) }, open);
    expect([putBack.types, putBack.state.live]).toMatchObject([['FindingRepaired'], [{ kind: 'stuck' }]]);
    expect(decided({ type: 'RecordPutBack', findingId: idOf(open) }, putBack.state).types).toEqual([]);
    const taken = decided({ type: 'RecordSettled', kind: 'changed' }, open);
    expect([taken.types, taken.state.live]).toMatchObject([['FindingResolved'], [{ kind: 'stuck' }]]);
    expect(decided({ type: 'RecordSettled', kind: 'changed' }, taken.state).types).toEqual([]);
  });

  it('is over, of whatever kind, when Strata has deleted the thing', () => {
    const open = after(swept([sighted('missing'), sighted('stuck')]));
    const deleted = decided({ type: 'RecordDeleted' }, open);
    expect([deleted.types, deleted.state.live]).toEqual([['FindingResolved', 'FindingResolved'], []]);
    expect(decided({ type: 'RecordDeleted' }, deleted.state).types).toEqual([]);
  });

  it('stays, with what is left of it, when only a part was written back', () => {
    const open = after(swept([sighted('changed', evidenceOf('name', 'tags.team'))]));
    const command = { type: 'RecordPutBack', findingId: idOf(open) } as const;
    const part = decided({ ...command, settled: ['name'] }, open);
    expect([part.types, part.state.live]).toMatchObject([['FindingChanged'], [{ evidence: evidenceOf('tags.team') }]]);
    expect(decided({ ...command, settled: ['tags.team', 'name'] }, part.state).types).toEqual(['FindingRepaired']);
  });

  it('is never news twice in a row', () => {
    const sightings = fc
      .uniqueArray(fc.constantFrom(...FindingKind.options), { maxLength: 4 })
      .map((kinds) => kinds.map((kind) => sighted(kind)));
    fc.assert(
      fc.property(fc.array(sightings, { minLength: 1, maxLength: 10 }), (sweeps) => {
        let state = fold(findings, []);
        for (const each of sweeps) {
          ({ state } = decided(swept(each), state));
          expect(state.live.map(({ kind }) => kind).sort()).toEqual(each.map(({ kind }) => kind).sort());
          expect(decided(swept(each), state).types).toEqual([]);
        }
      }),
    );
  });
});

describe('ignoring a finding', () => {
  const until = '2026-12-01T00:00:00.000Z';
  const ignored = () => {
    const open = after(swept([sighted('unknown')]));
    return decided({ type: 'Ignore', findingId: idOf(open), until }, open);
  };

  it('lasts until its time, and ends with the next sweep that sees the thing', () => {
    const { types, state } = ignored();
    expect(types).toEqual(['FindingIgnored']);
    expect(decided(swept([sighted('unknown')], '2026-11-30T23:59:59.999Z'), state).types).toEqual([]);
    const due = decided(swept([sighted('unknown')], until), state);
    expect(due.types).toEqual(['FindingReopened']);
    expect(due.state.live).toMatchObject([{ ignored: null }]);
  });

  describe('holds for the changes that were seen then', () => {
    const grown = { member: 'sizeGiB', log: '40', cloud: '50' };
    const renamed = { member: 'name', log: 'shop-db', cloud: 'old-db' };
    const changedIn = (...differences: Evidence['differences']) =>
      swept([sighted('changed', { differences, cloud: null })]);
    const ignoredAs = (...differences: Evidence['differences']) => {
      const open = after(changedIn(...differences));
      return decided({ type: 'Ignore', findingId: idOf(open), until }, open).state;
    };

    it('and one more opens it again', () => {
      const { types, state } = decided(changedIn(grown, renamed), ignoredAs(grown));
      expect(types).toEqual(['FindingChanged', 'FindingReopened']);
      expect(state.live).toMatchObject([{ ignored: null, evidence: { differences: [grown, renamed] } }]);
      expect(decided(changedIn(grown, renamed), state).types).toEqual([]);
    });

    it('and another value of the same opens it again', () => {
      const known = ignoredAs(grown);
      expect(decided(changedIn({ ...grown, cloud: '60' }), known).types).toEqual(['FindingChanged', 'FindingReopened']);
      expect(decided(changedIn({ ...grown, log: '45' }), known).types).toEqual(['FindingChanged']);
    });

    it('and fewer do not, nor one that comes back', () => {
      const fewer = decided(changedIn(grown), ignoredAs(grown, renamed));
      expect(fewer.types).toEqual(['FindingChanged']);
      expect(decided(changedIn(renamed, grown), fewer.state).types).toEqual(['FindingChanged']);
    });
  });

  it('does not keep it from being resolved', () => {
    expect(decided(swept([]), ignored().state).types).toEqual(['FindingResolved']);
  });

  it('is no news when it is ignored until then already, and refused when there is nothing left', () => {
    const { state } = ignored();
    const command = { type: 'Ignore', findingId: idOf(state), until } as const;
    expect(decided(command, state).types).toEqual([]);
    expect(findings.decide(command, fold(findings, []))).toEqual({
      accepted: false,
      refusal: { type: 'finding-resolved' },
    });
  });
});
