import type { OverQuota, QuotaLedger, StreamAppend } from '@strata/event-store';
import { charged, type ProjectId, type Refusal } from '@strata/kernel';
import { isLimited, type Limited, type Netted, type NettedLevel } from './netted.js';
import { netMoves } from './move-outlook.js';
import type { Planned, QuotaOutlook, Verification } from './plan.js';
import { told, type Worded } from './quota-refusal.js';

/**
 * What would come of a decision, read from figures of this moment: the lane alone decides when it counts. What it does to
 * other projects than `projectId` counts where the paths meet, as in the lane, and is not told; of a command that is not one
 * project's, each figure says whose it is.
 * `shown` words a level that does not suffice, as the lane's verdict is worded.
 */
export const verify = async <R extends Refusal>(
  ledger: QuotaLedger,
  projectId: ProjectId | undefined,
  planned: Planned<R>,
  shown: Worded,
): Promise<Verification> => {
  const { plan } = planned;
  if (!planned.accepted) {
    const problems = [await told(planned.refusal, shown)];
    return { allowed: false, problems, quota: [], ...(plan && { plan }) };
  }
  const { streams, mode } = planned;
  const changes = await Promise.all(netRequests(streams).map((request) => withLevels(ledger, request)));
  const requests = [
    ...changes.map((change) => netted(change, changes)).filter((each) => isTold(each, projectId)),
    ...(await netMoves(ledger, planned.changes ?? [])),
  ];
  const over = mode === 'fact' ? [] : requests.flatMap((request) => firstOver(request) ?? []);
  return {
    allowed: over.length === 0,
    problems: await Promise.all(over.map(shown)),
    quota: requests.map((request) => ({
      ...(projectId === undefined && { projectId: request.projectId }),
      ...outlookOf(request),
    })),
    ...(plan && { plan }),
  };
};

interface Request {
  readonly projectId: ProjectId;
  readonly dimension: string;
  readonly requested: number;
}

const isTold = (request: Request, projectId: ProjectId | undefined): boolean =>
  projectId === undefined || request.projectId === projectId;

/** What the planned events add up to; one for each project and dimension. */
const netRequests = (streams: readonly StreamAppend[]): readonly Request[] => {
  const requests = new Map<string, Request>();
  for (const { projectId, events } of streams) {
    for (const each of events.flatMap((event) => event.charges ?? [])) {
      const { dimension } = each;
      const before = requests.get(`${projectId} ${dimension}`)?.requested ?? 0;
      requests.set(`${projectId} ${dimension}`, { projectId, dimension, requested: before + charged(each) });
    }
  }
  return [...requests.values()];
};

/** The levels of the path that the dimension has figures or limits at, nearest first. */
const withLevels = async (ledger: QuotaLedger, request: Request) => {
  const levels = (await ledger.path(request.projectId)).filter(({ dimension }) => dimension === request.dimension);
  return { ...request, levels: levels.sort((a, b) => a.distance - b.distance) };
};

type Change = Awaited<ReturnType<typeof withLevels>>;

const netted = ({ levels, ...request }: Change, changes: readonly Change[]): Netted => {
  const addedAt = (node: string): number =>
    changes
      .filter((each) => each.dimension === request.dimension && each.levels.some((level) => level.node === node))
      .reduce((sum, each) => sum + each.requested, 0);
  const limited = levels.filter(isLimited);
  return { ...request, limited: limited.map((level): NettedLevel => ({ level, requested: addedAt(level.node) })) };
};

const availableAt = (level: Limited) => level.limit - charged(level);

/** Only growth can be refused, and it is at the nearest level that it passes. */
const firstOver = ({ limited }: Netted): OverQuota | undefined => {
  const over = limited.find(({ level, requested }) => requested > 0 && requested > availableAt(level));
  return over && { ...over.level, requested: over.requested };
};

/** What another project gives back above is available here. */
const outlookOf = ({ dimension, requested, limited }: Netted): QuotaOutlook => {
  const available = Math.min(...limited.map((each) => availableAt(each.level) + requested - each.requested));
  return {
    dimension,
    requested,
    available: limited.length > 0 ? available : 'unlimited',
    sufficient: requested <= 0 || requested <= available,
  };
};
