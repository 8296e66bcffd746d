import { everything, LaneUnavailable, type EventStore, type ViewCursor, type ViewStore } from '@strata/event-store';
import type { BindingId, FindingId } from '@strata/kernel';
import { isAdoptable, isRemovable } from '../finding/index.js';
import { findingsView, type FindingRow, upToDate } from '../findings/findings.projection.js';
import { assignmentOf, type Assignment, type ImportRules } from './import-rules.js';

const viewPatienceMs = 2_000;
const retryAfterSeconds = 5;
const pageSize = 500;

/** A disk that Strata did not make, as a sweep found it. */
export interface Candidate {
  readonly findingId: FindingId;
  readonly cloudId: string;
  readonly name: string;
  readonly sizeGiB: number;
  readonly type: string;
  /** Whether it could be adopted at all. */
  readonly adoptable: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** A disk of a project, which has deleted it. */
  readonly wasOurs: boolean;
}

export interface Sorted {
  readonly matched: readonly (Candidate & Assignment)[];
  /** What fits no rule, and what cannot be adopted. Of what a project deleted a rule must speak: the default is for strangers. */
  readonly unmatched: readonly Candidate[];
}

/**
 * All that is open and unknown in the binding, what was found first before the rest.
 * @throws LaneUnavailable while the view has not seen the log up to now.
 */
export const candidatesOf = async (
  store: EventStore,
  views: ViewStore,
  bindingId: BindingId,
): Promise<readonly Candidate[]> => {
  const { position } = await store.head();
  if (!(await views.waitFor(findingsView.name, position, viewPatienceMs)))
    throw new LaneUnavailable('the view of findings lags behind', retryAfterSeconds);
  const where = { bindingId: [bindingId], resource: ['disk'], kind: ['unknown'], status: ['open'] };
  const sort = { by: 'firstSeenAt', direction: 'asc' } as const;
  const found: Candidate[] = [];
  let after: ViewCursor | undefined;
  do {
    const page = await views.list({ view: findingsView, sight: everything, where, sort, after, limit: pageSize });
    found.push(...page.rows.flatMap(candidateOf));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return found;
};

const candidateOf = (row: FindingRow): readonly Candidate[] => {
  const doc = upToDate(row.doc);
  const { id: findingId, cloud, evidence } = doc;
  if (evidence.cloud === null) return [];
  const { name, sizeGiB, tags = {} } = evidence.cloud;
  const type = evidence.cloud.type ?? '';
  const adoptable = isAdoptable({ ...doc, removable: isRemovable(doc) }) && !isWantedGone(doc);
  return [{ findingId, cloudId: cloud.id, name, sizeGiB, type, tags, adoptable, wasOurs: doc.diskId !== null }];
};

/** Somebody asked for its removal: an import does not decide that. */
const isWantedGone = ({ removal }: FindingRow['doc']): boolean =>
  removal?.status === 'requested' || removal?.status === 'approved';

export const sorted = (candidates: readonly Candidate[], rules: ImportRules): Sorted => {
  const matched: (Candidate & Assignment)[] = [];
  const unmatched: Candidate[] = [];
  for (const candidate of candidates) {
    const assignment = candidate.adoptable ? assignmentOf(rules, candidate) : undefined;
    const isMeant = assignment !== undefined && !(assignment.by === 'default' && candidate.wasOurs);
    if (!isMeant) unmatched.push(candidate);
    else matched.push({ ...candidate, ...assignment });
  }
  return { matched, unmatched };
};
