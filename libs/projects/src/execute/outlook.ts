import { charged, type Charge, type Figures, type Limit, type ProjectId, type Refusal } from '@strata/kernel';
import type { Planned, QuotaOutlook, Verification } from './plan.js';

/** One dimension at one node of a project's path; `distance` 0 is the project itself. */
export interface LevelFigures extends Figures {
  readonly node: string;
  readonly nodeKind: 'project' | 'binding';
  readonly distance: number;
  readonly dimension: string;
  readonly limit: Limit;
}

/** The ledger as far as a verdict needs it. */
export interface PathLedger {
  /** Every dimension with a limit or a figure at any node of the path: the project, its ancestors, its binding. */
  path(projectId: ProjectId, upTo?: number): Promise<readonly LevelFigures[]>;
}

/** What would come of a decision, read from figures of this moment: the lane alone decides when it counts. */
export const verify = async <R extends Refusal>(ledger: PathLedger, planned: Planned<R>): Promise<Verification> => {
  if (!planned.accepted) return { allowed: false, problems: [planned.refusal], quota: [] };
  const quota = await outlook(ledger, planned);
  return {
    allowed: quota.every((each) => each.sufficient),
    problems: [],
    quota,
    ...(planned.plan && { plan: planned.plan }),
  };
};

const outlook = async (
  ledger: PathLedger,
  planned: Extract<Planned, { accepted: true }>,
): Promise<readonly QuotaOutlook[]> => {
  const requests = netRequests(planned);
  const perProject = [...requests].map(async ([projectId, dimensions]) => {
    const levels = await ledger.path(projectId);
    return [...dimensions].map(([dimension, requested]) => outlookOf(levels, dimension, requested));
  });
  return (await Promise.all(perProject)).flat();
};

/** What the planned events add up to, per project and dimension; only growth can be refused. */
const netRequests = (planned: Extract<Planned, { accepted: true }>) => {
  const requests = new Map<ProjectId, Map<string, number>>();
  const add = (projectId: ProjectId, charge: Charge) => {
    const dimensions = requests.get(projectId) ?? new Map<string, number>();
    dimensions.set(charge.dimension, (dimensions.get(charge.dimension) ?? 0) + charged(charge));
    requests.set(projectId, dimensions);
  };
  for (const { projectId, events } of planned.streams) {
    for (const event of events) for (const charge of event.charges ?? []) add(projectId, charge);
  }
  return requests;
};

const outlookOf = (levels: readonly LevelFigures[], dimension: string, requested: number): QuotaOutlook => {
  const limited = levels.filter((level) => level.dimension === dimension && level.limit !== 'unlimited');
  const available = Math.min(...limited.map((level) => Number(level.limit) - charged(level)));
  return {
    dimension,
    requested,
    available: limited.length > 0 ? available : 'unlimited',
    sufficient: requested <= 0 || requested <= available,
  };
};
