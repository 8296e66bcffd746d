import type { DiskCloud } from '@strata/cloud';
import { diskCarriers, diskKinds, givenDisk, sweepDisks } from '@strata/disks';
import type { EventStore } from '@strata/event-store';
import { KindRegistry, Pace, type Carrier, type StepPorts } from '@strata/operations';
import { kindsWithSnapshots, snapshotCarriers } from '@strata/snapshots';

export const kinds = new KindRegistry(kindsWithSnapshots(diskKinds));

const patience = { sendWithinMs: 1_000, requestTimeoutMs: 500, visibilityMs: 700 };

/** Steps as a worker runs them, over a log and one cloud: impatient, and without a budget, a lease or a pause. */
export const portsOver = (
  store: EventStore,
  cloud: DiskCloud,
  change: Partial<StepPorts<DiskCloud>> = {},
): StepPorts<DiskCloud> => {
  const { cloudOf = () => Promise.resolve(cloud), turnAt = () => Promise.resolve() } = change;
  const carriers = new Map<string, Carrier<DiskCloud>>(
    [...diskCarriers(sweepOver(store), givenDisk(store, cloudOf, turnAt)), ...snapshotCarriers()].map((each) => [
      each.kind,
      each,
    ]),
  );
  return {
    store,
    rulesOf: (kind) => kinds.rulesOf(kind),
    carrierOf: (kind) => carriers.get(kind) as Carrier<DiskCloud>,
    cloudOf,
    patienceOf: () => patience,
    pace: new Pace(20, 100),
    tookMs: () => Promise.resolve([]),
    appearedAfter: () => Promise.resolve(),
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => 0,
    passed: () => Promise.resolve(),
    stillMine: () => true,
    turnAt,
    withUrgency: (_urgency, work) => work(),
    heldBy: () => Promise.resolve(null),
    ...change,
  };
};

/** Of a log that knows no disks. */
const sweepOver = (store: EventStore) => async (cloud: DiskCloud, bindingId: string) => {
  const nothing = async function* () {
    yield await Promise.resolve([]);
  };
  const ports = {
    ...{ store, cloud, disksOf: nothing, findingsOf: nothing, requestTimeoutMs: 15_000 },
    budget: () => Promise.resolve(),
    disksByCloudId: () => Promise.resolve([]),
    now: () => new Date().toISOString(),
  };
  return { ...(await sweepDisks(ports, bindingId)), snapshots: null };
};
