import { type Append, type EventStore } from '@strata/event-store';
import { PostgresEventStore } from '@strata/event-store/postgres';
import { charge, type Charge, ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';

/** U+2028 ends a line for some readers of lines, and may stand in JSON as it is. */
export const oddText = 'a\u2028b "c" \\ ü';

const append = async (store: EventStore, { streams, changes }: Pick<Append, 'streams' | 'changes'>): Promise<void> => {
  const verdict = await store.append({
    ...{ appendId: newId(), mode: 'command', meta: { actorId: newId() }, streams },
    ...(changes && { changes }),
  });
  if (verdict.status !== 'committed') throw new Error(JSON.stringify(verdict));
};

export interface SampleLog {
  readonly projectId: ProjectId;
  /** One event at position 1 for the project, then one for each disk. */
  readonly events: number;
  /** Adds disks, each holding one. */
  grow(disks: number): Promise<void>;
}

/** For specs: a project and disks that each hold one, written through the lane. */
export const writeSampleLog = async (url: string, disks: number): Promise<SampleLog> => {
  const projectId = ProjectId.parse(newId());
  const fact = (type: string, charges: readonly Charge[] = []) => ({
    ...{ type, schemaVersion: 1, charges },
    data: { name: oddText },
  });
  const grow = async (more: number): Promise<void> => {
    const store = new PostgresEventStore({ url });
    for (let n = 0; n < more; n += 1) {
      const events = [fact('Held', [charge.hold('disks', 1)])];
      await append(store, { streams: [{ stream: `disk-${newId()}`, projectId, expectedVersion: 0, events }] });
    }
    await store.close();
  };
  const store = new PostgresEventStore({ url });
  await append(store, {
    changes: [{ change: 'project-added', projectId, parentId: null, bindingId: null, name: 'alpha' }],
    streams: [{ stream: `project-${projectId}`, projectId, expectedVersion: 0, events: [fact('Made')] }],
  });
  await store.close();
  await grow(disks);
  return { projectId, events: disks + 1, grow };
};
