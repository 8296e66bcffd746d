import { everything, type Loaded, type ProjectNode, type ViewStore } from '@strata/event-store';
import {
  DiskId,
  OperationId,
  type BindingId,
  type FindingId,
  type JsonObject,
  type ProjectId,
  type StreamId,
} from '@strata/kernel';
import { executeOperation, planOperation, type ExecutedOperation } from '@strata/operations';
import {
  invalidMember,
  namesNothing,
  planRefused,
  type CommandPorts,
  type InvalidMember,
  type NamesNothing,
  type Planned,
  type WriteCall,
} from '@strata/projects';
import type { CloudKinds } from '@strata/projects/http';
import { v7 as newId } from 'uuid';
import type { DiskRefusal } from '../disk/index.js';
import type { FindingRefusal } from '../finding/index.js';
import { decideAdoption, type Adoption } from './adoption.js';
import { disksOfLog } from './disks-of-log.js';
import { quotaAfter } from './quota-after.js';

export type AdoptionPorts = CommandPorts & { readonly views: ViewStore };
export type AdoptionRefusal = FindingRefusal | DiskRefusal | InvalidMember | NamesNothing;

const kind = 'disk.adopt';

/** A disk that Strata did not make becomes one of a project; past a limit too, as it is there already. */
export const adoptFinding = (
  ports: AdoptionPorts & { readonly kinds: CloudKinds },
  call: WriteCall,
  wanted: {
    readonly bindingId: BindingId;
    readonly findingId: FindingId;
    readonly cloudId: string;
    readonly stream: StreamId;
    readonly projectId: ProjectId;
    readonly name?: string | undefined;
    readonly replaceMarker: boolean;
  },
): Promise<ExecutedOperation<AdoptionRefusal>> => {
  const { stream, name = null, ...rest } = wanted;
  // Made before the decision, which may be made several times.
  const operationId = OperationId.parse(newId());
  const adoption = { ...rest, name, diskId: DiskId.parse(newId()), operationId, shownAs: operationId };
  return executeOperation<AdoptionRefusal>(ports, call, {
    role: 'platform-admin',
    streams: [stream],
    decide: (loaded) => planOf(ports, call, adoption, loaded),
  });
};

const planOf = async (
  { store, ledger, views, kinds }: AdoptionPorts & { readonly kinds: CloudKinds },
  { validateOnly }: WriteCall,
  adoption: Adoption,
  { streams: [thing], head }: Loaded,
): Promise<Planned<AdoptionRefusal>> => {
  const { bindingId, projectId, cloudId } = adoption;
  const { project } = await store.load({ sight: everything, projectId });
  if (!project) return planRefused(namesNothing('/projectId'));
  if (!thing || project.bindingId !== bindingId) return planRefused(invalidMember('/projectId', notOfBinding));
  const decision = decideAdoption(adoption, thing, await kinds.of(bindingId));
  if (!decision.accepted) return decision;
  const known = await disksOfLog(views, bindingId, [cloudId], head);
  if (known.has(cloudId)) return planRefused({ type: 'finding-resolved' });
  const { spec, part } = decision;
  const planned = planOperation({ ...part, kind, projectId, bindingId });
  if (!validateOnly) return { ...planned, mode: 'fact' };
  const { name, sizeGiB, type, availabilityZone } = spec;
  const projects = new Map<ProjectId, ProjectNode>([[projectId, project]]);
  const quota = await quotaAfter(ledger, projects, [{ projectId, sizeGiB, type }]);
  const disk = { cloudId, name, sizeGiB, type, availabilityZone, projectId };
  const plan: JsonObject = { kind, disk, quota: quota.map((each) => ({ ...each })) };
  return { ...planned, mode: 'fact', plan };
};

export const notOfBinding = 'must be a project whose disks lie in this binding';
