import type { LevelFigures, OverQuota, QuotaLedger, StreamAppend } from '@strata/event-store';
import { charged, type ProjectId, type Refusal } from '@strata/kernel';
import type { Planned, QuotaOutlook, Verification } from './plan.js';

/**
 * What would come of a decision, read from figures of this moment: the lane alone decides when it counts.
 * `shown` words a level that does not suffice, as the lane's verdict is worded.
 */
export const verify = async <R extends Refusal>(
  ledger: QuotaLedger,
  planned: Planned<R>,
  shown: (over: OverQuota) => Promise<Refusal>,
): Promise<Verification> => {
  if (!planned.accepted) return { allowed: false, problems: [planned.refusal], quota: [] };
  const { streams, plan } = planned;
  const requests = await Promise.all(netRequests(streams).map((request) => withLevels(ledger, request)));
  const over = requests.flatMap((request) => firstOver(request) ?? []);
  return {
    allowed: over.length === 0,
    problems: await Promise.all(over.map(shown)),
    quota: requests.map(outlookOf),
    ...(plan && { plan }),
  };
};

interface Request {
  readonly projectId: ProjectId;
  readonly dimension: string;
  readonly requested: number;
}

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

type Limited = LevelFigures & { readonly limit: number };

/** The levels of the path that limit the dimension, nearest first. */
const withLevels = async (ledger: QuotaLedger, request: Request) => {
  const levels = await ledger.path(request.projectId);
  const limited = levels.filter(
    (level): level is Limited => level.dimension === request.dimension && level.limit !== 'unlimited',
  );
  return { ...request, limited: limited.sort((a, b) => a.distance - b.distance) };
};

type LimitedRequest = Awaited<ReturnType<typeof withLevels>>;

const availableAt = (level: Limited) => level.limit - charged(level);

/** Only growth can be refused, and it is at the nearest level that it passes. */
const firstOver = ({ limited, requested }: LimitedRequest): OverQuota | undefined => {
  const level = limited.find((each) => requested > 0 && requested > availableAt(each));
  return level && { ...level, requested };
};

const outlookOf = ({ dimension, requested, limited }: LimitedRequest): QuotaOutlook => {
  const available = Math.min(...limited.map(availableAt));
  return {
    dimension,
    requested,
    available: limited.length > 0 ? available : 'unlimited',
    sufficient: requested <= 0 || requested <= available,
  };
};
