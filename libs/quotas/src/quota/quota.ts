import { charged, type Figures, type Limit, type ProjectId } from '@strata/kernel';
import type { CloudFigures } from '@strata/projects';

/** One dimension at one level of a project's path; `distance` 0 is the project itself, the binding comes last. */
export interface Level extends Figures {
  readonly node: string;
  readonly nodeKind: 'project' | 'binding';
  readonly distance: number;
  /** Whether the reader may view it. */
  readonly visible: boolean;
  readonly dimension: string;
  readonly limit: Limit;
}

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
  /** What the cloud grants and what is in use there, ours and others'; null when the cloud was not seen yet, or is not for this reader. */
  readonly cloud: { readonly limit: Limit; readonly used: number } | null;
}

export interface QuotaFacts {
  /** Every dimension with a limit or a figure at any level of the path. */
  readonly levels: readonly Level[];
  readonly cloudQuota: readonly CloudFigures[];
}

/** Every dimension of the path, in alphabetical order. */
export const quotaOf = (facts: QuotaFacts): readonly DimensionFigures[] => {
  const dimensions = new Set(facts.levels.map(({ dimension }) => dimension));
  return [...dimensions].sort().map((dimension) => figuresOf(dimension, facts));
};

const figuresOf = (dimension: string, { levels, cloudQuota }: QuotaFacts): DimensionFigures => {
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
    boundBy: tightest ? boundBy(tightest) : null,
    cloud: cloudOf(dimension, ofDimension, cloudQuota),
  };
};

const availableAt = (level: Level): Limit => (level.limit === 'unlimited' ? 'unlimited' : level.limit - charged(level));

/** The nearest of those with the least available. */
const tightestOf = (levels: readonly Level[]): Level | undefined =>
  levels
    .filter(({ limit }) => limit !== 'unlimited')
    .reduce<Level | undefined>(
      (tightest, level) => (tightest && Number(availableAt(tightest)) <= Number(availableAt(level)) ? tightest : level),
      undefined,
    );

const boundBy = ({ node, nodeKind, distance, visible }: Level): BoundBy => {
  if (nodeKind === 'binding') return { relation: 'cloud', distance };
  return visible ? { projectId: node as ProjectId } : { relation: 'ancestor', distance }; // a project's node is its id
};

/** What others use was observed; what is ours is known to the ledger: used and being released, as held is not there yet. */
const cloudOf = (dimension: string, levels: readonly Level[], cloudQuota: readonly CloudFigures[]) => {
  const granted = cloudQuota.find((each) => each.dimension === dimension);
  if (!granted) return null;
  const ours = levels.find(({ nodeKind }) => nodeKind === 'binding');
  return { limit: granted.limit, used: granted.usedByOthers + (ours?.used ?? 0) + (ours?.releasing ?? 0) };
};
