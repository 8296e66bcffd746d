import { z } from 'zod';

const id = <Brand extends string>() => z.uuid().toLowerCase().brand<Brand>();

export const ProjectId = id<'ProjectId'>();
export type ProjectId = z.infer<typeof ProjectId>;
export const BindingId = id<'BindingId'>();
export type BindingId = z.infer<typeof BindingId>;
export const OperationId = id<'OperationId'>();
export type OperationId = z.infer<typeof OperationId>;
export const DiskId = id<'DiskId'>();
export type DiskId = z.infer<typeof DiskId>;
export const SnapshotId = id<'SnapshotId'>();
export type SnapshotId = z.infer<typeof SnapshotId>;
export const TransferId = id<'TransferId'>();
export type TransferId = z.infer<typeof TransferId>;
export const FindingId = id<'FindingId'>();
export type FindingId = z.infer<typeof FindingId>;
export const PauseId = id<'PauseId'>();
export type PauseId = z.infer<typeof PauseId>;
export const TokenId = id<'TokenId'>();
export type TokenId = z.infer<typeof TokenId>;
/** Opaque: who an actor is stands in `people`, which can be erased; events carry only this. */
export const ActorId = id<'ActorId'>();
export type ActorId = z.infer<typeof ActorId>;

export const streamCategories = [
  'project',
  'binding',
  'operation',
  'participation',
  'disk',
  'transfer',
  'snapshot',
  'finding',
  'pause',
] as const;
export type StreamCategory = (typeof streamCategories)[number];
/** `category-id`; the category is the part before the first dash. */
export type StreamId = `${StreamCategory}-${string}`;
