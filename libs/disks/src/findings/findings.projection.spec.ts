import type { RecordedEvent } from '@strata/event-store';
import { ActorId, BindingId, DiskId, fold, FindingId, OperationId, ProjectId, type JsonObject } from '@strata/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FindingKind, findings, type FindingEvent } from '../finding/index.js';
import { FindingResource, showFinding } from './finding.resource.js';
import { findingIn, findingsView, type FindingRow } from './findings.projection.js';

const id = (last: number) => `01930000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const projectId = ProjectId.parse(id(2));
const subject = { bindingId: BindingId.parse(id(1)), cloudId: 'cloud-1', projectId, diskId: DiskId.parse(id(3)) };
const times = ['2026-11-22T10:00:00.000Z', '2026-11-23T10:00:00.000Z', '2026-11-24T10:00:00.000Z'] as const;

const difference = fc.record(
  { member: fc.constantFrom('name', 'type'), log: fc.string(), cloud: fc.string() },
  { noNullPrototype: true },
);
const evidence = fc.record(
  { differences: fc.array(difference, { maxLength: 2 }), cloud: fc.constant(null) },
  { noNullPrototype: true },
);
const sweep = fc.record({
  kinds: fc.uniqueArray(fc.tuple(fc.constantFrom(...FindingKind.options), evidence), {
    maxLength: 3,
    selector: ([kind]) => kind,
  }),
  at: fc.constantFrom(...times),
  /** Which of what is known is ignored afterwards, if any. */
  ignored: fc.option(fc.nat({ max: 2 })),
  until: fc.constantFrom(...times),
  /** What is done about its removal afterwards, in this order. */
  removal: fc.array(fc.constantFrom('ask', 'anna', 'ben', 'reject', 'removed', 'failed'), { maxLength: 5 }),
});
const [anna, ben] = [ActorId.parse(id(41)), ActorId.parse(id(42))];
const operationId = OperationId.parse(id(43));
const fault = { code: 'left-alone', title: 'It is attached' };

type Command = Parameters<typeof findings.decide>[0];
const removalCommand = (step: string, findingId: FindingId, at: string): Command => {
  switch (step) {
    case 'ask':
      return { type: 'RequestRemoval', findingId, by: anna, reason: 'unused', at, expiresAt: times[1] };
    case 'reject':
      return { type: 'RejectRemoval', findingId, by: ben };
    case 'removed':
    case 'failed':
      return { type: 'RecordRemovalEnded', operationId, fault: step === 'failed' ? fault : null };
    default:
      return { type: 'ApproveRemoval', findingId, by: step === 'anna' ? anna : ben, issuers: [], at, operationId };
  }
};

/** What comes of sweeps, and of what was ignored in between. */
const history = fc.array(sweep, { minLength: 1, maxLength: 12 }).map((sweeps) => {
  const events: FindingEvent[] = [];
  const add = (command: Command) => {
    const decision = findings.decide(command, fold(findings, events));
    if (decision.accepted) events.push(...decision.events);
  };
  for (const [round, { kinds, at, ignored, until, removal }] of sweeps.entries()) {
    const sightings = kinds.map(([kind, each], index) => {
      return { kind, evidence: each, ownerGuess: null, findingId: FindingId.parse(id(100 + round * 10 + index)) };
    });
    add({ type: 'RecordSwept', subject, sightings, at });
    const chosen = fold(findings, events).live[ignored ?? -1];
    if (chosen === undefined) continue;
    add({ type: 'Ignore', findingId: chosen.findingId, until });
    for (const step of removal) add(removalCommand(step, chosen.findingId, at));
  }
  return events;
});

const recorded = (event: FindingEvent, index: number): RecordedEvent => ({
  ...{ position: index * 3 + 1, id: id(20), stream: `finding-${subject.bindingId}-cloud-1`, version: index + 1 },
  ...{ type: event.type, schemaVersion: 1, projectId, data: event.data as unknown as JsonObject, charges: [] },
  ...{ meta: { actorId: id(30) }, recordedAt: new Date(1_790_000_000_000 + index).toISOString(), hash: '' },
});

/** What the stream knows of a removal that is not over. */
const pending = ({ removal }: FindingRow['doc']) =>
  removal?.status === 'requested' || removal?.status === 'approved'
    ? {
        expiresAt: removal.expiresAt,
        approvedBy: removal.approvals.map(({ actor }) => ({ by: actor.id, issuers: [] })),
        operationId: removal.operationId,
      }
    : null;

/** As it comes back from its table. */
const stored = (row: FindingRow): FindingRow => JSON.parse(JSON.stringify(row)) as FindingRow;

describe('the view of findings', () => {
  it('shows each as the stream of its subject tells it', () => {
    fc.assert(
      fc.property(history, (events) => {
        const log = events.map(recorded);
        const rows = new Map<string, FindingRow>();
        for (const [index, event] of log.entries()) {
          const [key = ''] = findingsView.keys(event);
          const row = findingsView.apply(rows.get(key), event, key);
          if (row === null) throw new Error('a finding has no end');
          rows.set(key, stored(row));
          const told = findingIn(log.slice(0, index + 1), FindingId.parse(key));
          expect(row.doc).toEqual(told);
          expect(FindingResource.parse(showFinding(row.doc))).toMatchObject({ id: key, status: row.status });
        }
        const { live } = fold(findings, events);
        const shown = [...rows.values()].filter(({ status }) => status !== 'resolved');
        const byId = shown.map(({ key, doc }) => [key, [doc.kind, doc.ignoredUntil, doc.evidence, pending(doc)]]);
        expect(Object.fromEntries(byId)).toEqual(
          Object.fromEntries(
            live.map((each) => [each.findingId, [each.kind, each.ignored?.until ?? null, each.evidence, each.removal]]),
          ),
        );
      }),
      { numRuns: 300 },
    );
  });
});
