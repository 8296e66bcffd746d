import {
  ActorId,
  BindingId,
  Dimension,
  Limit,
  newEvent,
  ProjectId,
  TokenId,
  type EventMaker,
  type EventOf,
} from '@strata/kernel';
import { z } from 'zod';
import { Role } from './role.js';

const Limits = z.array(z.strictObject({ dimension: Dimension, limit: Limit }));
export type Limits = z.infer<typeof Limits>;

/** Every event of a project's stream with the schema of each version ever written. */
export const projectEventSchemas = {
  ProjectCreated: {
    1: z.strictObject({ name: z.string(), parentId: ProjectId.nullable(), bindingId: BindingId.nullable() }),
  },
  ProjectRenamed: { 1: z.strictObject({ name: z.string() }) },
  ProjectMoved: { 1: z.strictObject({ fromParentId: ProjectId.nullable(), parentId: ProjectId }) },
  ProjectDeleted: { 1: z.strictObject({}) },
  /** Neither the secret nor its hash, and no name: who an actor is stands in `people`. */
  TokenIssued: {
    1: z.strictObject({ tokenId: TokenId, actorId: ActorId, role: Role, expiresAt: z.string().nullable() }),
  },
  /** Which name it has now stands in `people`. */
  TokenRenamed: { 1: z.strictObject({ tokenId: TokenId }) },
  TokenRevoked: { 1: z.strictObject({ tokenId: TokenId }) },
  /** All limits of the project from now on; what is not listed is unlimited. */
  LimitsSet: { 1: z.strictObject({ limits: Limits }) },
  /** Hours that a deleted disk of the project is kept and can be had back, from now on; before the first it is 0. */
  GraceHoursSet: { 1: z.strictObject({ graceHours: z.int().min(0) }) },
} as const;

export type ProjectEvent = EventOf<typeof projectEventSchemas>;

export const projectEvent: EventMaker<typeof projectEventSchemas> = newEvent;
