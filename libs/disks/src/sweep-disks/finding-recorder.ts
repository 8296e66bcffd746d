import type { EventStore, LoadedStream, StreamAppend } from '@strata/event-store';
import { FindingId, type BindingId, type DiskId, type ProjectId, type StreamId } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { executeFact, nodeOf } from '@strata/projects';
import { v7 as newId } from 'uuid';
import {
  findingFact,
  findingStream,
  isOver,
  isSame,
  type FindingCommand,
  type Sighting,
  type Subject,
} from '../finding/index.js';
import { standsUntilDecided } from '../repair-finding/put-back.js';
import type { SweptFinding } from './sweep.ports.js';

interface RecorderPorts {
  readonly store: EventStore;
  /** RFC 3339. */
  readonly now: () => string;
}

/** What one sweep finds of the disks, or of the snapshots, of a binding. */
export class FindingRecorder {
  /** By the cloud's id: what is not resolved, as the view shows it. */
  private readonly live = new Map<string, readonly SweptFinding[]>();
  /** Findings that are not resolved, as the sweep leaves them. */
  count = 0;

  constructor(
    private readonly ports: RecorderPorts,
    readonly bindingId: BindingId,
    private readonly resource: SweptFinding['resource'],
  ) {}

  async read(pages: AsyncIterable<readonly SweptFinding[]>): Promise<void> {
    for await (const page of pages)
      for (const each of page)
        if (each.resource === this.resource)
          this.live.set(each.cloudId, [...(this.live.get(each.cloudId) ?? []), each]);
  }

  /** Of what anything was found that is not resolved: one finding of each. */
  get subjects(): readonly SweptFinding[] {
    return [...this.live.values()].flatMap(([first]) => (first ? [first] : []));
  }

  /** Of the disks of the log of which anything was found that may pass by itself. */
  get diskIds(): readonly DiskId[] {
    const passing = [...this.live.values()].filter((found) => !found.every(waitsForPeople));
    return passing.flatMap(([first]) => (first?.diskId ? [first.diskId] : []));
  }

  has(cloudId: string): boolean {
    return this.live.has(cloudId);
  }

  streamOf(cloudId: string): StreamId {
    return findingStream(this.bindingId, cloudId);
  }

  /** For an append that tells more than what was found. */
  appendOf(subject: Subject, sightings: readonly Sighting[], thing: LoadedStream): readonly StreamAppend[] {
    return findingFact(projectOf(subject), thing, this.swept(subject, sightings));
  }

  /** What was found of a thing by itself. The view spares the log a question where it shows that there is no news. */
  async record(subject: Subject, sightings: readonly Sighting[]): Promise<void> {
    this.count += sightings.length;
    if (this.isKnown(subject, sightings)) return;
    await this.append(subject, this.swept(subject, sightings));
  }

  /** Strata's marker was written back. */
  recordRepaired(subject: Subject): Promise<void> {
    return this.append(subject, { type: 'RecordRepaired' });
  }

  private async append(
    subject: Subject,
    command: Extract<FindingCommand, { type: 'RecordSwept' | 'RecordRepaired' }>,
  ): Promise<void> {
    await executeFact(this.ports.store, {
      streams: [this.streamOf(subject.cloudId)],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [thing] }) => thing && { streams: findingFact(projectOf(subject), thing, command) },
    });
  }

  /** Whether the view shows just that, of the same disk of the log, and no time of it is over. */
  isKnown({ cloudId, diskId, projectId }: Subject, sightings: readonly Sighting[]): boolean {
    const live = this.live.get(cloudId) ?? [];
    const now = this.ports.now();
    const isQuiet = ({ ignoredUntil, removalExpiresAt }: SweptFinding) =>
      !isOver(ignoredUntil, now) && !isOver(removalExpiresAt, now);
    return (
      live.length === sightings.length &&
      sightings.every((sighting) =>
        live.some(
          (known) =>
            known.diskId === diskId && known.projectId === projectId && isSame(known, sighting) && isQuiet(known),
        ),
      )
    );
  }

  private swept(subject: Subject, sightings: readonly Sighting[]): Extract<FindingCommand, { type: 'RecordSwept' }> {
    const identified = sightings.map((sighting) => ({ ...sighting, findingId: FindingId.parse(newId()) }));
    return { type: 'RecordSwept', subject, sightings: identified, at: this.ports.now() };
  }
}

/** A change stands until somebody decides about it. */
const waitsForPeople = ({ kind, evidence }: Sighting): boolean =>
  kind === 'changed' && evidence.differences.some(({ member }) => standsUntilDecided(member));

/** What lies in no project belongs to the node of its binding. */
const projectOf = ({ projectId, bindingId }: Subject): ProjectId => projectId ?? nodeOf(bindingId);
