import { charged, type Limit, type ProjectId } from '@strata/kernel';
import type { CloudFigures, LevelFigures } from '@strata/projects';

/** Where the least is available: named to those who may view it. */
export type BoundBy =
  { readonly projectId: ProjectId } | { readonly relation: 'ancestor' | 'cloud'; readonly distance: number };

/** One dimension of a project's quota, as its readers see it. */
export interface DimensionFigures {
  readonly dimension: string;
  readonly limit: Limit;
  readonly used: number;
  readonly held: number;
  readonly releasing: number;
  /** Within the project's own limit; below 0 when that was lowered below what is charged. */
  readonly available: Limit;
  /** Within all limits up to the root and the cloud's. */
  readonly effectiveAvailable: Limit;
  /** Null when nothing limits it. */
  readonly boundBy: BoundBy | null;
  /** What the cloud grants and what is in use there, ours and others'; null when the cloud was not seen yet. */
  readonly cloud: { readonly limit: Limit; readonly used: number } | null;
}

export interface QuotaFacts {
  readonly projectId: ProjectId;
  /** Every dimension with a limit or a figure at any level of the path. */
  readonly levels: readonly LevelFigures[];
  readonly cloudQuota: readonly CloudFigures[];
  /** Whether the reader may view a project of the path. */
  readonly mayView: (node: string) => boolean;
}

/** Every dimension of the path, in alphabetical order. */
export const quotaOf = (facts: QuotaFacts): readonly DimensionFigures[] => {
  const dimensions = new Set(facts.levels.map(({ dimension }) => dimension));
  return [...dimensions].sort().map((dimension) => figuresOf(dimension, facts));
};

const figuresOf = (dimension: string, { levels, cloudQuota, mayView }: QuotaFacts): DimensionFigures => {
  const ofDimension = levels.filter((level) => level.dimension === dimension).sort((a, b) => a.distance - b.distance);
  const own = ofDimension.find(({ distance }) => distance === 0);
  const { limit = 'unlimited', used = 0, held = 0, releasing = 0 } = own ?? {};
  const tightest = tightestOf(ofDimension);
  return {
    dimension,
    limit,
    used,
    held,
    releasing,
    available: own ? availableAt(own) : 'unlimited',
    effectiveAvailable: tightest ? availableAt(tightest) : 'unlimited',
    boundBy: tightest ? boundBy(tightest, mayView) : null,
    cloud: cloudOf(dimension, ofDimension, cloudQuota),
  };
};

const availableAt = (level: LevelFigures): Limit =>
  level.limit === 'unlimited' ? 'unlimited' : level.limit - charged(level);

/** The nearest of those with the least available. */
const tightestOf = (levels: readonly LevelFigures[]): LevelFigures | undefined =>
  levels
    .filter(({ limit }) => limit !== 'unlimited')
    .reduce<LevelFigures | undefined>(
      (tightest, level) => (tightest && Number(availableAt(tightest)) <= Number(availableAt(level)) ? tightest : level),
      undefined,
    );

const boundBy = ({ node, nodeKind, distance }: LevelFigures, mayView: QuotaFacts['mayView']): BoundBy => {
  if (nodeKind === 'binding') return { relation: 'cloud', distance };
  return mayView(node) ? { projectId: node as ProjectId } : { relation: 'ancestor', distance }; // a project's node is its id
};

/** What others use was observed; what is ours is known to the ledger: used and being released, as held is not there yet. */
const cloudOf = (dimension: string, levels: readonly LevelFigures[], cloudQuota: readonly CloudFigures[]) => {
  const granted = cloudQuota.find((each) => each.dimension === dimension);
  if (!granted) return null;
  const ours = levels.find(({ nodeKind }) => nodeKind === 'binding');
  return { limit: granted.limit, used: granted.usedByOthers + (ours?.used ?? 0) + (ours?.releasing ?? 0) };
};
