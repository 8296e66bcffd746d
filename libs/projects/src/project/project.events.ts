import { ActorId, BindingId, Dimension, Limit, ProjectId, TokenId, type Fact } from '@strata/kernel';
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
  TokenRevoked: { 1: z.strictObject({ tokenId: TokenId }) },
  /** All limits of the project from now on; what is not listed is unlimited. */
  LimitsSet: { 1: z.strictObject({ limits: Limits }) },
} as const;

type Schemas = typeof projectEventSchemas;
export type ProjectEventType = keyof Schemas;
export type ProjectEventOf<Type extends ProjectEventType> = Fact<Type, z.infer<Schemas[Type][1]>>;
export type ProjectEvent = { [Type in ProjectEventType]: ProjectEventOf<Type> }[ProjectEventType];

export const projectEvent = <Type extends ProjectEventType>(
  type: Type,
  data: z.infer<Schemas[Type][1]>,
): ProjectEventOf<Type> => ({ type, schemaVersion: 1, data });
