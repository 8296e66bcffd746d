import type { LaneChange, QuotaLedger } from '@strata/event-store';
import { charged, type ProjectId } from '@strata/kernel';
import { isLimited, type Netted } from './netted.js';

/** A move charges nothing anew: all that the project is charged has to find room at the levels that it comes below, as in the lane. */
export const netMoves = async (ledger: QuotaLedger, changes: readonly LaneChange[]): Promise<readonly Netted[]> => {
  const moves = changes.filter((each) => each.change === 'project-moved');
  const netted = await Promise.all(moves.map(({ projectId, parentId }) => netMove(ledger, projectId, parentId)));
  return netted.flat();
};

const netMove = async (ledger: QuotaLedger, projectId: ProjectId, parentId: ProjectId): Promise<readonly Netted[]> => {
  const [before, above] = [await ledger.path(projectId), await ledger.path(parentId)];
  const stays = new Set<string>(before.map(({ node }) => node));
  // A project keeps its binding, wherever it is moved to.
  const gained = above
    .filter(({ node, nodeKind }) => nodeKind === 'project' && !stays.has(node))
    .filter(isLimited)
    .map((level) => ({ ...level, distance: level.distance + 1 }))
    .sort((a, b) => a.distance - b.distance);
  return before
    .filter((level) => level.distance === 0 && charged(level) !== 0)
    .map((level): Netted => {
      const { dimension } = level;
      const requested = charged(level);
      const limited = gained.filter((each) => each.dimension === dimension);
      return { projectId, dimension, requested, limited: limited.map((each) => ({ level: each, requested })) };
    });
};
