import { attachesDisks, type CloudKind } from '@strata/projects';

/** What a disk is told at its beginning of the servers of its cloud. */
export const attachableIn = (kind: CloudKind | undefined): { readonly attachable?: false } =>
  kind === undefined || attachesDisks(kind) ? {} : { attachable: false };
