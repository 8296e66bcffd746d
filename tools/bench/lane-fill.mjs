import { v7 as newId } from 'uuid';
import { meta } from './lane-load.mjs';

const eventsPerStream = 10;

const eventsOf = (kind, id) =>
  Array.from({ length: eventsPerStream }, (_, n) => ({
    ...{
      type: `${kind}Changed`,
      schemaVersion: 1,
      data: { id, step: n, phase: 'cloud-working', note: 'filled by the bench' },
    },
    charges:
      kind === 'Disk' && n < 2
        ? [{ dimension: ['disks', 'gigabytes'][n], held: 0, used: [1, 40][n], releasing: 0 }]
        : [],
  }));

/** Fills the log through the lane: disks of twenty events each, ten of them in the stream of their operation. */
export const fill = async (store, projects, events) => {
  const disks = Math.ceil(events / (2 * eventsPerStream));
  let next = 0;
  const loop = async () => {
    while (next < disks) {
      const projectId = projects[(next += 1) % projects.length];
      const [operation, disk] = [newId(), newId()];
      const verdict = await store.append({
        ...{ appendId: newId(), mode: 'fact', meta: { ...meta, operationId: operation, correlationId: operation } },
        streams: [
          { stream: `operation-${operation}`, projectId, expectedVersion: 0, events: eventsOf('Operation', operation) },
          { stream: `disk-${disk}`, projectId, expectedVersion: 0, events: eventsOf('Disk', disk) },
        ],
      });
      if (verdict.status !== 'committed') throw new Error(JSON.stringify(verdict));
    }
  };
  await Promise.all(Array.from({ length: 64 }, loop));
  return disks;
};
