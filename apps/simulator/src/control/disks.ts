import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Volume } from '../world/volume.js';
import type { World } from '../world/world.js';
import { projectId } from './bodies.js';
import { parse } from './read-switch.js';
import { diskView } from './state-view.js';

const strings = z.record(z.string(), z.string());

const NewDisks = z.strictObject({
  projectId,
  availabilityZone: z.string(),
  volumeType: z.string().default('SSD'),
  size: z.int().min(1).default(10),
  name: z.string().max(255).nullable().default(null),
  /** Many are named as those of a batch: `shard-0001`, `shard-0002`. */
  count: z.int().min(1).max(100_000).default(1),
  metadata: strings.default({}),
  tags: strings.default({}),
});

/** Makes disks at once, as somebody else would who works in the same cloud project: no rule and no quota holds them. */
export const diskSwitches = (app: FastifyInstance, world: World): void => {
  app.post('/_simulator/disks', ({ body }) => {
    const { count, name, availabilityZone: zone, ...given } = parse(NewDisks, body);
    const nowMs = world.settle();
    const volumes = Array.from({ length: count }, (_, index): Volume => {
      const numbered = name === null || count === 1 ? name : `${name}-${String(index + 1).padStart(4, '0')}`;
      return { ...atRest, ...given, id: randomUUID(), ...world.nextBirth(nowMs), name: numbered, zone };
    });
    world.commit({ kind: 'accepted', volumes, jobs: [] });
    return { disks: volumes.map((volume) => diskView(volume)) };
  });
};

const atRest = {
  description: null,
  status: 'available',
  bootable: false,
  multiattach: false,
  attachments: [],
  updatedMicros: null,
  transition: null,
} as const;
