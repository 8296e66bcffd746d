import type { Loaded, StreamAppend } from '@strata/event-store';
import { DiskId, OperationId, type JsonObject, type ProjectId, type BindingId } from '@strata/kernel';
import { executeOperation, planBatch, planOperation, type ExecutedOperation, type NewPart } from '@strata/operations';
import { namesNothing, planRefused, type CommandPorts, type Planned, type WriteCall } from '@strata/projects';
import type { CloudKinds } from '@strata/projects/http';
import { v7 as newId } from 'uuid';
import { attachableIn } from '../attach-disk/attachable.js';
import type { Admission, NewDiskRefusal } from '../cloud-catalogue/admission-desk.js';
import { diskStream } from '../disk/disk.stream.js';
import { decideDisk, initialDisk, type DiskEvent, type DiskRefusal, type DiskSpec } from '../disk/index.js';
import type { SnapshotSource, SnapshotSourceRefusal } from './snapshot-source.js';

export interface NewDisks {
  readonly projectId: ProjectId;
  readonly spec: DiskSpec;
  /** 1 to 100: Strata's own, each disk is asked of the cloud for itself. */
  readonly count: number;
}

export type RequestDisksRefusal =
  DiskRefusal | NewDiskRefusal | SnapshotSourceRefusal | { readonly type: 'project-without-cloud' };

export interface RequestDisksPorts extends CommandPorts {
  readonly admission: Admission;
  readonly snapshots: SnapshotSource;
  readonly kinds: CloudKinds;
}

interface NewDisk {
  readonly diskId: DiskId;
  readonly operationId: OperationId;
  readonly spec: DiskSpec;
}

const kind = 'disk.create';

/** One disk, or many that are charged together or not at all. */
export const requestDisks = (
  ports: RequestDisksPorts,
  call: WriteCall,
  wanted: NewDisks,
): Promise<ExecutedOperation<RequestDisksRefusal>> => {
  const { projectId, spec } = wanted;
  // Made before the decision, which may be made several times.
  const shownAs = OperationId.parse(newId());
  const disks = disksOf(wanted, shownAs);
  return executeOperation<RequestDisksRefusal>(ports, call, {
    role: 'operator',
    projectId,
    streams: snapshotIn(spec).map((snapshotId) => ports.snapshots.streamOf(snapshotId)),
    decide: (loaded) => planOf(ports, wanted, shownAs, disks, loaded),
  });
};

const snapshotIn = ({ source }: DiskSpec) =>
  source !== undefined && 'snapshotId' in source ? [source.snapshotId] : [];

/** Many are numbered as the cloud numbers a batch: `name-0001` (EVS reference §1.4). */
const disksOf = ({ spec, count }: NewDisks, shownAs: OperationId): readonly NewDisk[] => {
  const diskId = () => DiskId.parse(newId());
  if (count === 1) return [{ diskId: diskId(), operationId: shownAs, spec }];
  return Array.from({ length: count }, (_, index) => ({
    diskId: diskId(),
    operationId: OperationId.parse(newId()),
    spec: { ...spec, name: `${spec.name}-${String(index + 1).padStart(4, '0')}` },
  }));
};

const planOf = async (
  { admission, snapshots, kinds }: RequestDisksPorts,
  { projectId, spec, count }: NewDisks,
  shownAs: OperationId,
  disks: readonly NewDisk[],
  { project, streams: [snapshot] }: Loaded,
): Promise<Planned<RequestDisksRefusal>> => {
  const bindingId = project?.bindingId ?? null;
  if (bindingId === null) return planRefused({ type: 'project-without-cloud' });
  const place = { projectId, bindingId, ...attachableIn(await kinds.of(bindingId)) };
  const accepted: NewPart[] = [];
  for (const disk of disks) {
    const decision = decide(disk, place, shownAs);
    if (!decision.accepted) return decision;
    const part = partOf(disk, projectId, decision.events);
    const taken = snapshot && snapshots.use(snapshot, { projectId, operationId: shownAs }, disk);
    if (taken && !taken.accepted) return planRefused(namedSource(taken.refusal));
    accepted.push(taken ? madeOf(taken, part) : part);
  }
  const refusal = await admission.newDisk(projectId, bindingId, spec);
  if (refusal) return planRefused(refusal);
  const plan: JsonObject = { kind, disks: disks.map((disk) => shownInPlan(disk.spec)) };
  const [first] = accepted;
  if (count === 1 && first) return { ...planOperation({ ...first, kind, projectId, bindingId }), plan };
  const batch = {
    operationId: shownAs,
    kind,
    projectId,
    bindingId,
    target: { type: 'disks', ids: disks.map(({ diskId }) => diskId) },
    input: { ...spec, count },
    parts: accepted,
  } as const;
  return { ...planBatch(batch), plan };
};

const namedSource = (refusal: SnapshotSourceRefusal): SnapshotSourceRefusal =>
  refusal.type === 'not-found' ? namesNothing('/source/snapshotId') : refusal;

interface Place {
  readonly projectId: ProjectId;
  readonly bindingId: BindingId;
  readonly attachable?: false;
}

const decide = ({ diskId, operationId, spec }: NewDisk, place: Place, shownAs: OperationId) =>
  decideDisk({ type: 'RequestDisk', diskId, ...place, spec, work: { operationId, shownAs } }, initialDisk);

const partOf = (
  { diskId, operationId, spec }: NewDisk,
  projectId: ProjectId,
  events: readonly DiskEvent[],
): NewPart => ({
  operationId,
  target: { type: 'disk', id: diskId },
  input: { diskId, ...spec },
  resources: [{ stream: diskStream(diskId), projectId, expectedVersion: 0, events }],
});

const madeOf = (
  { cloudId, append }: { readonly cloudId: string; readonly append: StreamAppend },
  { input, resources, ...part }: NewPart,
): NewPart => ({
  ...part,
  input: { ...input, sourceCloudId: cloudId },
  resources: [...resources, append],
});

const shownInPlan = ({ name, sizeGiB, type, availabilityZone, source }: DiskSpec): JsonObject => ({
  ...{ name, sizeGiB, type, availabilityZone },
  ...(source && { source }),
});
