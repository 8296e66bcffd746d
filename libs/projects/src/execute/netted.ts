import type { LevelFigures } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';

export type Limited = LevelFigures & { readonly limit: number };

export const isLimited = (level: LevelFigures): level is Limited => level.limit !== 'unlimited';

/** A level that limits, with all that the decision adds there, whatever project it does so in. */
export interface NettedLevel {
  readonly level: Limited;
  readonly requested: number;
}

/** What a decision adds to one dimension of a project, and the levels that limit it, nearest first. */
export interface Netted {
  readonly projectId: ProjectId;
  readonly dimension: string;
  readonly requested: number;
  readonly limited: readonly NettedLevel[];
}
