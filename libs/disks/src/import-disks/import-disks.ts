import { createHash } from 'node:crypto';
import { everything, type EventStore, type Loaded, type ProjectNode } from '@strata/event-store';
import { DiskId, OperationId, type BindingId, type JsonObject, type ProjectId } from '@strata/kernel';
import { executeOperation, planBatch, type ExecutedOperation } from '@strata/operations';
import {
  bindingStream,
  foldBinding,
  invalidMember,
  namesNothing,
  nodeOf,
  planRefused,
  type InvalidMember,
  type NamesNothing,
  type Planned,
  type WriteCall,
} from '@strata/projects';
import { v7 as newId } from 'uuid';
import { notOfBinding, type AdoptionPorts, type AdoptionRefusal } from '../adopt-disk/adopt-finding.js';
import { decideAdoption, type Adoption, type DecidedAdoption } from '../adopt-disk/adoption.js';
import { disksOfLog } from '../adopt-disk/disks-of-log.js';
import { quotaAfter } from '../adopt-disk/quota-after.js';
import { findingStream } from '../finding/index.js';
import type { LastSweep } from './last-sweep.js';
import { candidatesOf, sorted, type Candidate, type Sorted } from './import-candidates.js';
import type { Assignment, ImportRules } from './import-rules.js';

/** Of one import, as all of it is one append; what is beyond is left to the next. */
export const MOST_DISKS_PER_IMPORT = 1_000;

export type ImportRefusal =
  | AdoptionRefusal
  | { readonly type: 'nothing-to-import' }
  | { readonly type: 'plan-changed'; readonly planHash: string };

export interface ImportWanted extends ImportRules {
  readonly bindingId: BindingId;
  /** Of the dry run that was agreed to. */
  readonly planHash?: string | undefined;
}

type Importing = Candidate & Assignment & Pick<Adoption, 'diskId' | 'operationId'>;
type Accepted = Extract<DecidedAdoption, { accepted: true }>;
interface Imported {
  readonly disk: Importing;
  readonly decision: Accepted;
}

const kind = 'binding.import';

/**
 * Disks that Strata did not make become disks of projects by a rule: one visible operation, one part for each disk. Which
 * disks there are is told by the findings of sweeps; each finding's own stream decides whether it is adopted.
 */
export const importDisks = async (
  ports: AdoptionPorts,
  call: WriteCall,
  wanted: ImportWanted,
  sweep: LastSweep | null,
): Promise<ExecutedOperation<ImportRefusal>> => {
  const { bindingId } = wanted;
  const found = sorted(await candidatesOf(ports.store, ports.views, bindingId), wanted);
  // Made before the decision, which may be made several times.
  const shownAs = OperationId.parse(newId());
  const disks = found.matched.slice(0, MOST_DISKS_PER_IMPORT).map((disk): Importing => {
    return { ...disk, diskId: DiskId.parse(newId()), operationId: OperationId.parse(newId()) };
  });
  return executeOperation<ImportRefusal>(ports, call, {
    role: 'platform-admin',
    streams: [bindingStream(bindingId), ...disks.map(({ cloudId }) => findingStream(bindingId, cloudId))],
    decide: (loaded) => planOf(ports, call, { wanted, sweep, shownAs, found, disks }, loaded),
  });
};

interface Import {
  readonly wanted: ImportWanted;
  readonly sweep: LastSweep | null;
  readonly shownAs: OperationId;
  readonly found: Sorted;
  readonly disks: readonly Importing[];
}

const planOf = async (
  ports: AdoptionPorts,
  { validateOnly }: WriteCall,
  { wanted, sweep, shownAs, found, disks }: Import,
  { streams: [binding, ...things], head }: Loaded,
): Promise<Planned<ImportRefusal>> => {
  const { bindingId } = wanted;
  const live = foldBinding(binding);
  if (live.status !== 'live') return planRefused({ type: 'not-found' });
  const projects = await projectsOf(ports.store, wanted);
  if ('type' in projects) return planRefused(projects);
  const known = await disksOfLog(
    ports.views,
    bindingId,
    disks.map(({ cloudId }) => cloudId),
    head,
  );
  const imported = disks.flatMap((disk, index): Imported[] => {
    const thing = things[index];
    if (thing === undefined || known.has(disk.cloudId)) return [];
    const adoption = { ...disk, bindingId, name: null, replaceMarker: false, shownAs };
    const decision = decideAdoption(adoption, thing, live.access.kind);
    return decision.accepted ? [{ disk, decision }] : [];
  });
  const planHash = hashOf(imported);
  if (wanted.planHash !== undefined && wanted.planHash !== planHash)
    return planRefused({ type: 'plan-changed', planHash });
  const plan = validateOnly
    ? await shownPlan(ports, projects, { kind, sweep, planHash, ...shownDisks(imported, found) }, imported)
    : undefined;
  if (imported.length === 0) return planRefused({ type: 'nothing-to-import' }, plan);
  const planned = planBatch({
    operationId: shownAs,
    kind,
    projectId: nodeOf(bindingId),
    bindingId,
    target: { type: 'binding', id: bindingId },
    input: { disks: imported.map(({ disk: { diskId, cloudId, projectId } }) => ({ diskId, cloudId, projectId })) },
    parts: imported.map(({ decision }) => ({ ...decision.part, kind: 'disk.adopt' })),
  });
  return { ...planned, mode: 'fact', plan };
};

const shownPlan = async (
  { ledger }: AdoptionPorts,
  projects: ReadonlyMap<ProjectId, ProjectNode>,
  shown: object,
  imported: readonly Imported[],
): Promise<JsonObject> => {
  const quota = await quotaAfter(
    ledger,
    projects,
    imported.map(({ disk }) => disk),
  );
  return JSON.parse(JSON.stringify({ ...shown, quota })) as JsonObject;
};

/** All that are named, whether a disk fits or not. */
const projectsOf = async (
  store: EventStore,
  { bindingId, rules, default: rest }: ImportWanted,
): Promise<ReadonlyMap<ProjectId, ProjectNode> | InvalidMember | NamesNothing> => {
  const named = rules.map(({ projectId }, index) => ({ projectId, pointer: `/rules/${index}/projectId` }));
  if (rest !== 'leave') named.push({ projectId: rest, pointer: '/default' });
  const projects = new Map<ProjectId, ProjectNode>();
  for (const { projectId, pointer } of named) {
    const project = projects.get(projectId) ?? (await store.load({ sight: everything, projectId })).project;
    if (!project) return namesNothing(pointer);
    if (project.bindingId !== bindingId) return invalidMember(pointer, notOfBinding);
    projects.set(projectId, project);
  }
  return projects;
};

/** Over what the plan decides: which disk goes where, and what it is charged as. */
const hashOf = (imported: readonly Imported[]): string => {
  const lines = imported.map(({ disk: { cloudId, projectId, sizeGiB, type } }) =>
    JSON.stringify([cloudId, projectId, sizeGiB, type]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
};

const shownDisks = (imported: readonly Imported[], { matched, unmatched }: Sorted) => ({
  disks: imported.map(({ disk: { cloudId, name, sizeGiB, type, projectId, by, rule } }) => {
    return { cloudId, name, sizeGiB, type, projectId, by, rule };
  }),
  unmatched: unmatched
    .slice(0, MOST_DISKS_PER_IMPORT)
    .map(({ cloudId, name, sizeGiB, type, adoptable }) => ({ cloudId, name, sizeGiB, type, adoptable })),
  counts: {
    matched: matched.length,
    unmatched: unmatched.length,
    /** Fit a rule and are left to the next import. */
    beyond: Math.max(0, matched.length - MOST_DISKS_PER_IMPORT),
  },
});
