import { beforeAll } from 'vitest';
import { FaultProxy, type ProxiedCall } from '../contract/fault-proxy.js';
import {
  diskCloudContract,
  faultyCloudContract,
  faultyTransferContract,
  imageContract,
  retypeContract,
  snapshotContract,
  transferContract,
} from '../contract/index.js';
import type {
  CloudOnTrial,
  CloudSwitches,
  FaultyCall,
  SwitchableCloud,
  WithImages,
  WithReceiver,
  WithSnapshots,
  WithTypes,
} from '../contract/index.js';
import {
  cloudOfEnvironment,
  receiverOfEnvironment,
  type CloudOfEnvironment,
} from '../contract/openstack-environment.js';
import { TidyOpenstackCloud } from '../contract/tidy-openstack-cloud.js';
import { OpenstackDiskCloud } from './openstack-disk-cloud.js';

let environment: CloudOfEnvironment;
let secondProject: CloudOfEnvironment | null;
let place: CloudOnTrial['place'];
let otherType: string;

beforeAll(async () => {
  environment = await cloudOfEnvironment();
  secondProject = await receiverOfEnvironment();
  const cloud = new OpenstackDiskCloud(environment.access);
  const [type, other] = (await cloud.diskTypes()).filter(({ name }) => name !== '__DEFAULT__');
  const zone = (await cloud.availabilityZones()).find(({ available }) => available);
  await cloud.close();
  if (type === undefined || other === undefined || zone === undefined)
    throw new Error('the cloud offers less than two types, or no zone');
  otherType = other.name;
  place = { type: type.name, availabilityZone: zone.name };
});

/** What was not tried has not passed: without a second project the tests of transfers fail, and say what they lack. */
const receiving = (): CloudOfEnvironment => {
  if (secondProject !== null) return secondProject;
  throw new Error('transfers were not tried: OS_RECEIVER_PROJECT_NAME names no second project to bring disks into');
};

const open = async (): Promise<CloudOnTrial & WithTypes & WithSnapshots & WithImages> => {
  const cloud = new TidyOpenstackCloud(environment);
  return {
    ...{ cloud, place, otherType, patienceMs: 120_000, close: () => cloud.close() },
    ...{ snapshots: cloud.snapshots, rollsBack: true },
    ...{ imageMaker: cloud.imageMaker, format: 'qcow2', removeImage: environment.removeImage },
  };
};

const openWithReceiver = async (): Promise<CloudOnTrial & WithReceiver> => {
  const made = new Set<string>();
  const receiver = new TidyOpenstackCloud(receiving(), { made });
  const cloud = new TidyOpenstackCloud(environment, { made });
  const close = async () => void (await Promise.all([cloud.close(), receiver.close()]));
  return { cloud, receiver, place, patienceMs: 120_000, close };
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
  [/^POST .*\/os-volume-transfer$/, 'offer'],
  [/^POST .*\/os-volume-transfer\/[^/]+\/accept$/, 'accept'],
  [/^DELETE .*\/os-volume-transfer\/[^/]+$/, 'take-back'],
];

/** `/keystone/v3/…` and `/cinder/v3/…`, of whichever project. */
const route = (method: string, path: string): ProxiedCall => {
  const { access, cinder } = environment;
  const { pathname, search } = new URL(path, 'http://proxy.invalid');
  const root = pathname.startsWith('/keystone/') ? access.endpoints['keystone'] : cinder.replace(/\/v3\/[^/]+$/, '');
  const call = calls.find(([pattern]) => pattern.test(`${method} ${pathname}`))?.[1] ?? null;
  return { call, url: new URL(`${root}${pathname.replace(/^\/[^/]+/, '')}${search}`) };
};

const openSwitchable = (): Promise<SwitchableCloud> => openBehindProxy();

const openSwitchableWithReceiver = async (): Promise<SwitchableCloud & WithReceiver> => {
  const project = receiving();
  const { close, made, endpoints, ...trial } = await openBehindProxy();
  const receiver = new TidyOpenstackCloud(project, { made, endpoints, retryPauseMs: 1 });
  return { ...trial, receiver, close: () => close(receiver) };
};

const openBehindProxy = async () => {
  const proxy = await FaultProxy.start(route);
  const endpoints = { keystone: `${proxy.url}/keystone`, cinder: `${proxy.url}/cinder` };
  const made = new Set<string>();
  const cloud = new TidyOpenstackCloud(environment, { made, endpoints, retryPauseMs: 1 });
  const intruder = new TidyOpenstackCloud(environment, { endpoints, password: 'not-the-password' });
  const cannot = () => Promise.reject(new Error('this cannot be done to a real cloud'));
  return {
    made,
    endpoints,
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
    } satisfies CloudSwitches,
    close: async (...others: readonly OpenstackDiskCloud[]) => {
      await proxy.settled();
      await Promise.all([cloud, intruder, ...others].map((each) => each.close()));
      await proxy.close();
    },
  };
};

diskCloudContract(open, { tags: true });
retypeContract(open);
snapshotContract(open);
imageContract(open);
transferContract(openWithReceiver);
faultyCloudContract(openSwitchable, { jobs: false, clock: false, stock: false, logins: true, roomFor: 6 });
faultyTransferContract(openSwitchableWithReceiver);
