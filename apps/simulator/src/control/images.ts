import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { IMAGE_OS_TYPES, IMAGE_STATUSES, MEMBER_STATUSES, VIRTUAL_ENV_TYPES, type Image } from '../world/image.js';
import type { World } from '../world/world.js';
import { projectId } from './bodies.js';
import { BadSwitch, parse } from './read-switch.js';
import { imageStateView } from './state-view.js';

const changeable = {
  name: z.string().min(1).max(128).optional(),
  status: z.enum(IMAGE_STATUSES).optional(),
  /** By project, what it said to being given the image. */
  members: z.record(projectId, z.enum(MEMBER_STATUSES)).optional(),
  /** GB (EVS reference §6). */
  minDisk: z.int().min(1).max(1_024).optional(),
  bytes: z.int().min(0).optional(),
  virtualEnvType: z.enum(VIRTUAL_ENV_TYPES).optional(),
  osType: z.enum(IMAGE_OS_TYPES).optional(),
  osVersion: z.string().max(255).optional(),
  platform: z.string().max(255).optional(),
  /** Encrypts the image and what is made from it. */
  cmkId: z.string().length(36).nullable().optional(),
};

const ImageBody = z.strictObject({
  /** Left out, a public one. */
  projectId: projectId.optional(),
  /** Left out, a new one. */
  id: z.uuid().optional(),
  ...changeable,
});

const ImageChange = z
  .strictObject(changeable)
  .refine((body) => Object.keys(body).length > 0, 'something to change is needed');

interface Named {
  readonly id: string;
}

/** Makes, changes and removes images at once, as the cloud and other people would. */
export const imageSwitches = (app: FastifyInstance, world: World): void => {
  app.post('/_simulator/images', ({ body }) => makeImage(world, parse(ImageBody, body ?? {})));
  app.patch<{ Params: Named }>('/_simulator/images/:id', ({ params, body }, reply) =>
    onImage(world, params.id, reply, (image, nowMs) =>
      keep(world, { ...image, ...given(parse(ImageChange, body)), updatedMs: nowMs }),
    ),
  );
  app.delete<{ Params: Named }>('/_simulator/images/:id', ({ params: { id } }, reply) =>
    onImage(world, id, reply, () => {
      world.commit({ kind: 'image-removed', imageId: id });
      return { id, deleted: true };
    }),
  );
};

const given = (body: object): Partial<Image> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

const onImage = (
  world: World,
  id: string,
  reply: FastifyReply,
  act: (image: Image, nowMs: number) => unknown,
): unknown => {
  const nowMs = world.settle();
  const image = world.images.get(id);
  return image ? act(image, nowMs) : reply.code(404).send({ error: `there is no image ${id}` });
};

const keep = (world: World, image: Image) => {
  world.commit({ kind: 'image', image });
  return imageStateView(image);
};

const makeImage = (world: World, body: z.infer<typeof ImageBody>) => {
  const nowMs = world.settle();
  const id = body.id ?? randomUUID();
  if (world.images.get(id)) throw new BadSwitch(`${id} exists already`);
  if (body.projectId !== undefined && !world.projects.has(body.projectId))
    throw new BadSwitch(`there is no project ${body.projectId}`);
  const blank: Image = {
    id,
    name: `image-${id.slice(0, 4)}`,
    status: 'active',
    projectId: null,
    members: {},
    minDisk: 10,
    bytes: 1_181_116_006,
    virtualEnvType: 'FusionCompute',
    osType: 'Linux',
    osVersion: 'Debian GNU/Linux 12 64bit',
    platform: 'Debian',
    cmkId: null,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  return keep(world, { ...blank, ...given(body) });
};
