import { FindingId, type BindingId } from '@strata/kernel';
import { executeFact, nodeOf } from '@strata/projects';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { findingFact, findingStream, type Evidence, type FindingKind } from '../finding/index.js';
import { idOf } from './disk-project.js';
import type { DiskServer } from './disk-server.js';

export type SeenDisk = NonNullable<Evidence['cloud']>;

/** What a sweep sees of a disk that nobody has, unless a test says otherwise. */
export const seenDisk: SeenDisk = {
  ...{ name: 'billing-db', sizeGiB: 20, type: 'SSD', availabilityZone: 'eu-de-01', marker: null },
  ...{ createdAt: '2026-11-22T10:00:00.000Z', tags: { team: 'billing' } },
};

/** Records what a sweep would; `kind` null: the disk is in order, or gone. */
export const sweptDisk = async (
  { server }: DiskServer,
  bindingId: BindingId,
  kind: FindingKind | null,
  change: Partial<SeenDisk> = {},
  cloudId = newId(),
): Promise<{ readonly cloudId: string; readonly findingId: FindingId }> => {
  const findingId = FindingId.parse(newId());
  const subject = { bindingId, cloudId, projectId: null, diskId: null };
  const evidence = { differences: [], cloud: { ...seenDisk, ...change } };
  await executeFact(server.store, {
    streams: [findingStream(bindingId, cloudId)],
    meta: { actorId: newId() },
    decide: ({ streams: [thing] }) => {
      const sightings = kind === null ? [] : [{ kind, findingId, evidence, ownerGuess: null }];
      const command = { type: 'RecordSwept', subject, sightings, at: new Date().toISOString() } as const;
      return thing && { streams: findingFact(nodeOf(bindingId), thing, command) };
    },
  });
  return { cloudId, findingId };
};

/** Reports what the worker would of an adoption: the disk was marked, and seen. */
export const endAdoption = async (server: DiskServer, operation: string | Reply, cloudId: string): Promise<void> => {
  const operationId = typeof operation === 'string' ? operation : idOf(operation);
  const { name, sizeGiB, type, tags = {} } = seenDisk;
  const traits = { bootable: false, shareable: false, encrypted: false, attachments: [], metadata: {} };
  const status = { status: 'available', cloudStatus: 'available' };
  const sighting = { cloudId, ...status, name, description: 'of old', sizeGiB, type, tags, ...traits };
  await server.accept(operationId);
  await server.end(operationId, { end: 'succeeded', outcome: { sighting } });
};
