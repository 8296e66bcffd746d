import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import {
  markerOf,
  type CloudDisk,
  type DiskCloud,
  type JobLook,
  type NewCloudDisk,
  type Sent,
  type WriteOptions,
} from '../disk-cloud.js';

/** A cloud project on trial. Other people may work in it, so a test looks only at disks of its own. */
export interface CloudOnTrial {
  readonly cloud: DiskCloud;
  /** A type and a zone in which disks can be made. */
  readonly place: { readonly type: string; readonly availabilityZone: string };
  /** How long the cloud may take to make, extend or delete a small disk. */
  readonly patienceMs: number;
  /** Ends everything that `open` began. */
  close(): Promise<void>;
}

/** The calls that a fault can be about, in our words. */
export type FaultyCall =
  | 'create'
  | 'extend'
  | 'retype'
  | 'delete'
  | 'attach'
  | 'detach'
  | 'offer'
  | 'accept'
  | 'take-back'
  | 'rename'
  | 'tag'
  | 'find'
  | 'list'
  | 'search'
  | 'job'
  | 'login';

export type Fault = { readonly on: readonly FaultyCall[]; readonly times?: number } & (
  | { readonly kind: 'throttled' | 'bad-gateway' | 'gateway-timeout' }
  /** The connection breaks: before the call had an effect, or after. */
  | { readonly kind: 'request-lost' | 'answer-lost' }
  /** Taken on, but answered as an internal error. */
  | { readonly kind: 'error-after-accept' }
  /** Carried out, but never answered. */
  | { readonly kind: 'hangs' }
  | { readonly kind: 'job-stuck' | 'job-lost' }
  | { readonly kind: 'job-failed'; readonly leavesNothing?: boolean }
  | { readonly kind: 'list-lags'; readonly seconds: number }
  | { readonly kind: 'tag-search-off'; readonly answer: 'not-found' | 'empty' }
  | { readonly kind: 'metadata-filter-ignored' }
);

/** What a cloud can be told to do, so that everything can be tried that may happen. Only simulators can. */
export interface CloudSwitches {
  /** Replaces the faults that were on. */
  faults(...faults: readonly Fault[]): Promise<void>;
  moveClockBy(ms: number): Promise<void>;
  limit(dimension: 'disks' | 'gigabytes' | 'per_disk_gigabytes', limit: number): Promise<void>;
  closeZone(name: string): Promise<void>;
  /** Deletes a disk as somebody else would who works in the same project. */
  deleteBehindOurBack(cloudId: string): Promise<void>;
  /** Ids of the disks that there really are. */
  disks(): Promise<readonly string[]>;
  /** How many calls of a kind came in so far. */
  calls(kind: FaultyCall): Promise<number>;
  /** Takes the cloud off the network. */
  goAway(): Promise<void>;
}

/** What a cloud has, and what can be done to it; of what it has not, nothing is tried. */
export interface Reach {
  /** Work is followed as a job. */
  readonly jobs: boolean;
  /** Its clock can be moved, and with it what lags or expires. */
  readonly clock: boolean;
  /** Its limits, zones and stocks can be changed. */
  readonly stock: boolean;
  /** Whoever calls has logged in before; else every call proves by itself who makes it. */
  readonly logins: boolean;
  /** How many disks it takes at least. */
  readonly roomFor: number;
}

export const everything: Reach = { jobs: true, clock: true, stock: true, logins: true, roomFor: 2_000 };

export interface SwitchableCloud extends CloudOnTrial {
  readonly switches: CloudSwitches;
  /** A type that is sold out in that zone. */
  readonly soldOut: { readonly type: string; readonly availabilityZone: string };
  /** The same access with a password that is wrong; closed together with this one. */
  readonly intruder: DiskCloud;
}

export const soon: WriteOptions = { timeoutMs: 30_000, mayStillSend: () => true };

export const blankDisk = ({ place }: CloudOnTrial, rest: Partial<NewCloudDisk> = {}): NewCloudDisk => ({
  marker: markerOf(randomUUID(), 1),
  name: 'contract',
  description: '',
  sizeGiB: 10,
  ...place,
  tags: {},
  metadata: {},
  ...rest,
});

export const acceptedAs = (sent: Sent): Extract<Sent, { outcome: 'accepted' }> => {
  if (sent.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(sent)}`);
  return sent;
};

/** Reads until it is as wanted, or until patience ends; then fails with what was read last. */
export const eventually = async <T>(
  patienceMs: number,
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> => {
  const endsAtMs = performance.now() + patienceMs;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    if (performance.now() > endsAtMs) throw new Error(`still not as wanted: ${JSON.stringify(value)}`);
    await pause(Math.min(1_000, patienceMs / 100));
  }
};

const hasEnded = ({ state }: JobLook) => state !== 'waiting' && state !== 'running';

/** Follows accepted work to its end: by its job where there is one. */
export const jobOf = async ({ cloud, patienceMs }: CloudOnTrial, sent: Sent): Promise<JobLook> => {
  const { jobId, cloudId } = acceptedAs(sent);
  if (jobId === null) return { state: 'succeeded', cloudId, tookMs: null };
  return eventually(patienceMs, () => cloud.lookAtJob(jobId), hasEnded);
};

export const diskWith = (
  { cloud, patienceMs }: CloudOnTrial,
  cloudId: string,
  isWanted: (disk: CloudDisk) => boolean,
) =>
  eventually(
    patienceMs,
    async () => cloud.findDisk(cloudId),
    (disk) => disk !== null && isWanted(disk),
  );

/** Creates a disk and waits until it can be used. */
export const makeDisk = async (trial: CloudOnTrial, rest: Partial<NewCloudDisk> = {}): Promise<CloudDisk> => {
  const job = await jobOf(trial, await trial.cloud.createDisk(blankDisk(trial, rest), soon));
  if (job.state !== 'succeeded' || job.cloudId === null) throw new Error(`no disk came of it: ${JSON.stringify(job)}`);
  const disk = await diskWith(trial, job.cloudId, ({ status }) => status === 'available');
  expect(disk).not.toBeNull();
  return disk as CloudDisk;
};

export const removeDisk = async (trial: CloudOnTrial, cloudId: string): Promise<void> => {
  await jobOf(trial, await trial.cloud.deleteDisk(cloudId, soon));
  await eventually(
    trial.patienceMs,
    () => trial.cloud.findDisk(cloudId),
    (disk) => disk === null,
  );
};

/** Runs a test on a cloud of its own, and closes it whatever happens. */
export const tried =
  <Trial extends CloudOnTrial>(open: () => Promise<Trial>, test: (trial: Trial) => Promise<void>) =>
  async (): Promise<void> => {
    const trial = await open();
    try {
      await test(trial);
    } finally {
      await trial.close();
    }
  };

export const aMinuteAgo = () => new Date(Date.now() - 60_000);

/** Makes many disks without waiting for them. */
export const createMany = async (trial: SwitchableCloud, count: number): Promise<readonly string[]> => {
  const markers = Array.from({ length: count }, () => markerOf(randomUUID(), 1));
  const waiting = [...markers];
  const worker = async () => {
    for (let marker = waiting.pop(); marker !== undefined; marker = waiting.pop()) {
      acceptedAs(await trial.cloud.createDisk(blankDisk(trial, { marker }), soon));
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return markers;
};

/** The disks that a search by this marker finds. */
export const idsFor = async (cloud: DiskCloud, marker: string): Promise<readonly string[]> =>
  (await cloud.findDisksByMarker(marker, aMinuteAgo())).map(({ cloudId }) => cloudId);
