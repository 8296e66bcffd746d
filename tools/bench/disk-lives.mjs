import { v7 as newId } from 'uuid';
import { markerOf } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { decideDisk, diskOf } from '@strata/disks';
import { operationEvent } from '@strata/operations';

const asked = {
  ...{ name: 'filled', description: '', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' },
  ...{ tags: {}, metadata: {} },
};
const change = { description: 'filled by the bench' };
const grownGiB = 20;

/** What the three operations of `livedBy` write. */
export const eventsPerDisk = 20;

/** The account of a local simulator: a constant, no secret. */
const credentials = { domain: 'strata-simulator', user: 'strata', password: 'strata-simulator' };

/** One at a time of `callers` loops, over all of `items`; `late` throws once it took too long. */
export const overAll = async (items, callers, late, act) => {
  let next = 0;
  const loop = async () => {
    while (next < items.length) {
      late(`${next} of ${items.length}`);
      await act(items[next++]);
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
};

/**
 * Disks in the simulator as they are at the end of the life that the log tells of them, under the markers of the operations
 * that made them: created through its HTTP surface, then listed, as the sweep lists them. Answers with who they are.
 */
export const plantInCloud = async ({ binding, bindingId, projects, count, late }) => {
  const cloud = new EvsDiskCloud({ ...binding, credentials }, { turn: () => Promise.resolve() });
  try {
    const born = Array.from({ length: count }, (_, n) => ({
      ...{ operationId: newId(), diskId: newId(), projectId: projects[n % projects.length], bindingId },
    }));
    const options = { timeoutMs: 30_000, mayStillSend: () => true };
    await overAll(born, 16, late, async ({ operationId }) => {
      const disk = { ...asked, ...change, sizeGiB: grownGiB, marker: markerOf(operationId, 1) };
      const sent = await cloud.createDisk(disk, options);
      if (sent.outcome !== 'accepted') throw new Error(`the simulator answered ${JSON.stringify(sent)}`);
    });
    const cloudIds = new Map();
    for await (const page of cloud.listDisks()) {
      late(`${cloudIds.size} listed`);
      for (const { marker, cloudId } of page) cloudIds.set(marker, cloudId);
    }
    return born.map((disk) => ({ ...disk, cloudId: cloudIds.get(markerOf(disk.operationId, 1)) }));
  } finally {
    await cloud.close();
  }
};

const sending = (operationId, { jobId, cloudId }) => [
  operationEvent('SendIntended', { attempt: 1, marker: markerOf(operationId, 1), sendWithinMs: 10_000 }),
  operationEvent('SendAccepted', { attempt: 1, jobId, cloudId: null, cloudRequestId: newId(), via: 'answer' }),
  ...(jobId === null ? [] : [operationEvent('CloudProgressed', { state: 'running', cloudId })]),
];

/**
 * A disk that was created, extended and changed, as three appends: each is one operation from its request to its success,
 * with what it did to the disk. At no position does the log end with an operation that is open.
 */
export const livedBy = ({ projectId, bindingId, operationId: first, diskId, cloudId }) => {
  const stream = `disk-${diskId}`;
  const past = [];
  const decided = (command) => {
    const { events } = decideDisk(command, diskOf({ stream, version: past.length, events: past }));
    past.push(...events);
    return events;
  };
  const operation = ({ operationId, kind, jobId, input, request, record }) => {
    const expectedVersion = past.length;
    const onDisk = [
      ...decided({ ...request, work: { operationId, shownAs: operationId } }),
      ...decided({ ...record, operationId }),
    ];
    const work = {
      ...{ operationId, kind, projectId, bindingId, target: { type: 'disk', id: diskId } },
      ...{ input: { diskId, ...input }, partOf: null, parts: [], retryOf: null },
    };
    const own = [
      operationEvent('OperationRequested', work),
      ...sending(operationId, { jobId, cloudId }),
      operationEvent('OperationSucceeded', { result: { diskId } }),
    ];
    return {
      ...{ appendId: newId(), mode: 'fact', meta: { actorId: bindingId, operationId, correlationId: operationId } },
      streams: [
        { stream, projectId, expectedVersion, events: onDisk },
        { stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: own },
      ],
    };
  };
  return [
    operation({
      ...{ operationId: first, kind: 'disk.create', jobId: newId(), input: asked },
      request: { type: 'RequestDisk', diskId, projectId, bindingId, spec: asked },
      record: { type: 'RecordProvisioned', cloudId },
    }),
    operation({
      ...{ operationId: newId(), kind: 'disk.extend', jobId: newId(), input: { cloudId, sizeGiB: grownGiB } },
      request: { type: 'RequestExtension', sizeGiB: grownGiB },
      record: { type: 'RecordExtended', sizeGiB: grownGiB },
    }),
    operation({
      ...{ operationId: newId(), kind: 'disk.update', jobId: null, input: { cloudId, change } },
      request: { type: 'RequestChange', change },
      record: { type: 'RecordChanged', change },
    }),
  ];
};
