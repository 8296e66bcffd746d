import { beforeAll } from 'vitest';
import { FaultProxy, type ProxiedCall } from '../contract/fault-proxy.js';
import {
  diskCloudContract,
  faultyCloudContract,
  imageContract,
  retypeContract,
  snapshotContract,
  type CloudOnTrial,
  type FaultyCall,
} from '../contract/index.js';
import type { SwitchableCloud, WithImages, WithSnapshots, WithTypes } from '../contract/index.js';
import { cloudOfEnvironment, type CloudOfEnvironment } from '../contract/openstack-environment.js';
import type { CloudDisk, NewCloudDisk, OpenstackAccess, Sent, WriteOptions } from '../disk-cloud.js';
import { OpenstackDiskCloud } from './openstack-disk-cloud.js';

let access: OpenstackAccess;
let cinder: string;
let environment: CloudOfEnvironment;
let place: CloudOnTrial['place'];
let otherType: string;

beforeAll(async () => {
  environment = await cloudOfEnvironment();
  ({ access, cinder } = environment);
  const cloud = new OpenstackDiskCloud(access);
  const [type, other] = (await cloud.diskTypes()).filter(({ name }) => name !== '__DEFAULT__');
  const zone = (await cloud.availabilityZones()).find(({ available }) => available);
  await cloud.close();
  if (type === undefined || other === undefined || zone === undefined)
    throw new Error('the cloud offers less than two types, or no zone');
  otherType = other.name;
  place = { type: type.name, availabilityZone: zone.name };
});

const now: WriteOptions = { timeoutMs: 30_000, mayStillSend: () => true };

/** Remembers what it was asked to make, so that a test looks only at its own and leaves nothing behind. */
class TidyCloud extends OpenstackDiskCloud {
  readonly #markers = new Set<string>();
  readonly #direct = new OpenstackDiskCloud(access);

  override createDisk(disk: NewCloudDisk, options: WriteOptions): Promise<Sent> {
    this.#markers.add(disk.marker);
    return super.createDisk(disk, options);
  }

  /** As they are in the cloud, past whatever stands before it. */
  async own(): Promise<readonly CloudDisk[]> {
    const disks: CloudDisk[] = [];
    for await (const page of this.#direct.listDisks()) disks.push(...page);
    return disks.filter(({ marker }) => marker !== null && this.#markers.has(marker));
  }

  /** Until each is gone: the next test needs the room. Cinder deletes nothing that is still being made. */
  async remove(isMeant: (disk: CloudDisk) => boolean = () => true): Promise<void> {
    const endsAtMs = performance.now() + 120_000;
    for (let left = await this.own(); left.some(isMeant); left = await this.own()) {
      if (performance.now() > endsAtMs) throw new Error(`still there: ${JSON.stringify(left)}`);
      for (const { cloudId, status } of left.filter(isMeant)) {
        for (const left of await this.#direct.snapshots.findSnapshotsOfDisk(cloudId)) {
          await this.#direct.snapshots.deleteSnapshot(left.cloudId, now);
        }
        if (status !== 'deleting') await this.#direct.deleteDisk(cloudId, now);
      }
    }
  }

  override async close(): Promise<void> {
    await super.close();
    await this.remove();
    await this.#direct.close();
  }
}

const open = async (): Promise<CloudOnTrial & WithTypes & WithSnapshots & WithImages> => {
  const cloud = new TidyCloud(access);
  return {
    ...{ cloud, place, otherType, patienceMs: 120_000, close: () => cloud.close() },
    ...{ snapshots: cloud.snapshots, rollsBack: true },
    ...{ imageMaker: cloud.imageMaker, format: 'qcow2', removeImage: environment.removeImage },
  };
};

const calls: readonly (readonly [RegExp, FaultyCall])[] = [
  [/^POST .*\/auth\/tokens$/, 'login'],
  [/^POST .*\/volumes$/, 'create'],
  [/^GET .*\/volumes\/detail$/, 'list'],
  [/^GET .*\/volumes\/[^/]+$/, 'find'],
  [/^PUT .*\/volumes\/[^/]+$/, 'rename'],
  [/^DELETE .*\/volumes\/[^/]+$/, 'delete'],
  [/^POST .*\/volumes\/[^/]+\/action$/, 'extend'],
  [/^(POST|DELETE) .*\/volumes\/[^/]+\/metadata/, 'tag'],
];

/** `/keystone/v3/…` and `/cinder/v3/…`. */
const route = (method: string, path: string): ProxiedCall => {
  const { pathname, search } = new URL(path, 'http://proxy.invalid');
  const root = pathname.startsWith('/keystone/') ? access.endpoints['keystone'] : cinder.replace(/\/v3\/[^/]+$/, '');
  const call = calls.find(([pattern]) => pattern.test(`${method} ${pathname}`))?.[1] ?? null;
  return { call, url: new URL(`${root}${pathname.replace(/^\/[^/]+/, '')}${search}`) };
};

const openSwitchable = async (): Promise<SwitchableCloud> => {
  const proxy = await FaultProxy.start(route);
  const endpoints = { keystone: `${proxy.url}/keystone`, cinder: `${proxy.url}/cinder` };
  const cloud = new TidyCloud({ ...access, endpoints }, { retryPauseMs: 1 });
  const { credentials } = access;
  const intruder = new TidyCloud({
    ...access,
    endpoints,
    credentials: { ...credentials, password: 'not-the-password' },
  });
  const cannot = () => Promise.reject(new Error('this cannot be done to a real cloud'));
  return {
    cloud,
    intruder,
    place,
    soldOut: place,
    patienceMs: 120_000,
    switches: {
      faults: (...faults) => Promise.resolve(proxy.set(faults)),
      moveClockBy: cannot,
      limit: cannot,
      closeZone: cannot,
      deleteBehindOurBack: (cloudId) => cloud.remove((disk) => disk.cloudId === cloudId),
      disks: async () => {
        await proxy.settled();
        return (await cloud.own()).map(({ cloudId }) => cloudId);
      },
      calls: (kind) => Promise.resolve(proxy.calls(kind)),
      goAway: () => proxy.close(),
    },
    close: async () => {
      await proxy.settled();
      await Promise.all([cloud.close(), intruder.close()]);
      await proxy.close();
    },
  };
};

diskCloudContract(open, { tags: true });
retypeContract(open);
snapshotContract(open);
imageContract(open);
faultyCloudContract(openSwitchable, { jobs: false, clock: false, stock: false, logins: true, roomFor: 6 });
