import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Cloud } from '../cloud.js';
import { DEFAULT_READINGS, Readings } from '../readings.js';
import { touched } from '../world/disk-work.js';
import { SNAPSHOT_STATUSES, type Snapshot } from '../world/snapshot.js';
import { newSnapshot } from '../world/snapshot-work.js';
import type { Volume } from '../world/volume.js';
import { BadSwitch, parse } from './read-switch.js';
import { snapshotView } from './state-view.js';

const strings = z.record(z.string(), z.string());

const changeable = {
  name: z.string().max(255).nullable().optional(),
  description: z.string().max(255).nullable().optional(),
  status: z.enum(SNAPSHOT_STATUSES).optional(),
  metadata: strings.optional(),
  tags: strings.optional(),
};

const NewSnapshot = z.strictObject(changeable);

const SnapshotChange = z
  .strictObject(changeable)
  .refine((body) => Object.keys(body).length > 0, 'something to change is needed');

const ReadingsChange = Readings.partial().refine(
  (body) => Object.keys(body).length > 0,
  `one of ${Object.keys(DEFAULT_READINGS).join(', ')} is needed`,
);

interface Named {
  readonly id: string;
}

/** Makes, changes and removes snapshots at once, as somebody else would who works in the same cloud project: no rule and no quota holds them. */
export const snapshotSwitches = (app: FastifyInstance, cloud: Cloud): void => {
  const { world } = cloud;
  app.post<{ Params: Named }>('/_simulator/disks/:id/snapshots', ({ params, body }, reply) =>
    onDisk(cloud, params.id, reply, (volume, nowMs) =>
      takeBehind(cloud, volume, parse(NewSnapshot, body ?? {}), nowMs),
    ),
  );
  app.post<{ Params: Named }>('/_simulator/disks/:id/reinstall', ({ params }, reply) =>
    onDisk(cloud, params.id, reply, (volume) => reinstall(cloud, volume)),
  );
  app.patch<{ Params: Named }>('/_simulator/snapshots/:id', ({ params, body }, reply) =>
    onSnapshot(cloud, params.id, reply, (snapshot, nowMs) => {
      const change = parse(SnapshotChange, body);
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      const transition = change.status === undefined ? snapshot.transition : null;
      return keep(cloud, touched<Snapshot>({ ...snapshot, ...given, transition }, nowMs));
    }),
  );
  app.delete<{ Params: Named }>('/_simulator/snapshots/:id', ({ params: { id } }, reply) =>
    onSnapshot(cloud, id, reply, () => {
      world.commit({ kind: 'snapshot-removed', snapshotId: id });
      return { id, deleted: true };
    }),
  );
  app.get('/_simulator/readings', () => cloud.readings);
  app.post('/_simulator/readings', ({ body }) => {
    const given = Object.entries(parse(ReadingsChange, body)).filter(([, value]) => value !== undefined);
    return Object.assign(cloud.readings, Object.fromEntries(given));
  });
};

const onDisk = (
  { world }: Cloud,
  id: string,
  reply: FastifyReply,
  act: (volume: Volume, nowMs: number) => unknown,
): unknown => {
  const nowMs = world.settle();
  const volume = world.volume(id);
  return volume ? act(volume, nowMs) : reply.code(404).send({ error: `there is no disk ${id}` });
};

const onSnapshot = (
  { world }: Cloud,
  id: string,
  reply: FastifyReply,
  act: (snapshot: Snapshot, nowMs: number) => unknown,
): unknown => {
  const nowMs = world.settle();
  const snapshot = world.snapshot(id);
  return snapshot ? act(snapshot, nowMs) : reply.code(404).send({ error: `there is no snapshot ${id}` });
};

const keep = ({ world }: Cloud, snapshot: Snapshot) => {
  world.commit({ kind: 'accepted', volumes: [], jobs: [], snapshots: [snapshot] });
  return snapshotView(snapshot);
};

const takeBehind = (cloud: Cloud, volume: Volume, body: z.infer<typeof NewSnapshot>, nowMs: number) => {
  const { name = null, description = null, status = 'available', metadata = {}, tags = {} } = body;
  const taken = newSnapshot(cloud, nowMs, volume, { name, description, status, metadata, transition: null });
  return keep(cloud, { ...taken, tags });
};

/** The operating system is installed again: the snapshots of the system disk are gone (EVS reference §8.5). */
const reinstall = ({ world }: Cloud, volume: Volume) => {
  if (!volume.bootable) throw new BadSwitch('only a system disk has an operating system');
  const lost = world.projects.get(volume.projectId)?.snapshotsOf(volume.id) ?? [];
  for (const { id } of lost) world.commit({ kind: 'snapshot-removed', snapshotId: id });
  return { id: volume.id, lostSnapshots: lost.map(({ id }) => id) };
};
