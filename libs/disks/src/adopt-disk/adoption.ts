import type { LoadedStream } from '@strata/event-store';
import type { BindingId, DiskId, FindingId, OperationId, ProjectId } from '@strata/kernel';
import type { NewPart } from '@strata/operations';
import { nodeOf, type CloudKind } from '@strata/projects';
import { attachableIn } from '../attach-disk/attachable.js';
import { diskStream } from '../disk/disk.stream.js';
import { decideDisk, initialDisk, type DiskRefusal, type DiskSpec } from '../disk/index.js';
import { findings, findingsIn, liveIn, type Evidence, type FindingRefusal } from '../finding/index.js';

/** A disk of a cloud that is to become a disk of a project. */
export interface Adoption {
  readonly bindingId: BindingId;
  readonly cloudId: string;
  readonly findingId: FindingId;
  readonly projectId: ProjectId;
  /** Null: it keeps the name that it has. */
  readonly name: string | null;
  readonly replaceMarker: boolean;
  readonly diskId: DiskId;
  readonly operationId: OperationId;
  readonly shownAs: OperationId;
}

export type DecidedAdoption =
  | { readonly accepted: true; readonly spec: DiskSpec; readonly part: NewPart & { readonly projectId: ProjectId } }
  | { readonly accepted: false; readonly refusal: FindingRefusal | DiskRefusal };

/** Both sides of it in one append: what was found is claimed, and the disk is held in its project. */
export const decideAdoption = (wanted: Adoption, thing: LoadedStream, kind: CloudKind | undefined): DecidedAdoption => {
  const { bindingId, cloudId, findingId, projectId, name, replaceMarker, diskId, operationId, shownAs } = wanted;
  const state = findingsIn(thing);
  const ids = { findingId, diskId, projectId, operationId, shownAs };
  const claimed = findings.decide({ type: 'BeginAdoption', ...ids, replaceMarker }, state);
  if (!claimed.accepted) return claimed;
  const cloud = liveIn(state, findingId)?.evidence.cloud;
  const spec = cloud && specOf(cloud, name);
  if (!cloud || !spec) return { accepted: false, refusal: { type: 'finding-resolved' } };
  const work = { operationId, shownAs };
  const place = { projectId, bindingId, ...attachableIn(kind) };
  const held = decideDisk({ type: 'RequestAdoption', diskId, ...place, cloudId, spec, work }, initialDisk);
  if (!held.accepted) return held;
  const { stream, version: expectedVersion } = thing;
  const input = { diskId, bindingId, cloudId, name, markerBefore: cloud.marker };
  const resources = [
    { stream: diskStream(diskId), projectId, expectedVersion: 0, events: held.events },
    { stream, projectId: nodeOf(bindingId), expectedVersion, events: claimed.events },
  ];
  return {
    accepted: true,
    spec,
    part: { operationId, projectId, target: { type: 'disk', id: diskId }, input, resources },
  };
};

/** As far as a sweep keeps it; the rest is seen at the end. */
const specOf = (cloud: NonNullable<Evidence['cloud']>, name: string | null): DiskSpec | undefined => {
  const { sizeGiB, type, availabilityZone, tags = {} } = cloud;
  if (type === null || availabilityZone === null) return undefined;
  return {
    name: name ?? cloud.name,
    description: '',
    sizeGiB,
    type,
    availabilityZone,
    tags: { ...tags },
    metadata: {},
  };
};
