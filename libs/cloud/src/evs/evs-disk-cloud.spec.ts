import {
  DEFAULT_QUOTA,
  REGION,
  startSimulator,
  type FaultSpec,
  type Operation,
  type Simulator,
} from '@strata/simulator';
import { describe } from 'vitest';
import { z } from 'zod';
import {
  attachmentContract,
  diskCloudContract,
  faultyAttachmentContract,
  faultyCloudContract,
  faultyTransferContract,
  retypeContract,
  transferContract,
  type CloudSwitches,
  type Fault,
  type FaultyCall,
} from '../contract/index.js';
import type { SwitchableCloud, WithReceiver, WithServers, WithTypes } from '../contract/index.js';
import { everything } from '../contract/trial.js';
import type { EvsAccess } from '../disk-cloud.js';
import { EvsDiskCloud } from './evs-disk-cloud.js';

const operations: Readonly<Record<FaultyCall, Operation>> = {
  create: 'disks.create',
  extend: 'disks.extend',
  retype: 'disks.retype',
  delete: 'disks.delete',
  attach: 'servers.attach',
  detach: 'servers.detach',
  offer: 'transfers.create',
  accept: 'transfers.accept',
  'take-back': 'transfers.delete',
  rename: 'volumes.update',
  tag: 'tags.change',
  find: 'disks.get',
  list: 'disks.list',
  search: 'tags.search',
  job: 'jobs.get',
  login: 'tokens.issue',
};

const specOf = ({ on, times, ...fault }: Fault): FaultSpec => {
  const rest = {
    match: { operation: on.map((call) => operations[call]) },
    ...(times === undefined ? {} : { times }),
  };
  switch (fault.kind) {
    case 'throttled':
      return { kind: 'throttle', ...rest };
    case 'request-lost':
      return { kind: 'drop-request', ...rest };
    case 'answer-lost':
      return { kind: 'drop-answer', ...rest };
    case 'hangs':
      return { kind: 'hang', ...rest };
    case 'job-failed':
      return { kind: 'job-failed', leaveNothing: fault.leavesNothing ?? false, ...rest };
    case 'list-lags':
      return { kind: 'stale-list', seconds: fault.seconds, ...rest };
    case 'tag-search-off':
      return { kind: 'tag-search-off', answer: fault.answer, ...rest };
    default:
      return { kind: fault.kind, ...rest };
  }
};

const State = z.object({ projects: z.array(z.object({ disks: z.array(z.object({ id: z.string() })) })) });
const Requests = z.object({ calls: z.record(z.string(), z.object({ total: z.number() })) });
const quotaKeys = { disks: 'volumes', gigabytes: 'gigabytes', per_disk_gigabytes: 'per_volume_gigabytes' } as const;

/** The simulator's own switches, over HTTP like everything else. */
const switchesOf = (simulator: Simulator, projectId: string): CloudSwitches => {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${simulator.url}/_simulator/${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    faults: async (...faults) => void (await call('POST', 'faults', { faults: faults.map(specOf) })),
    moveClockBy: async (ms) => void (await call('POST', 'clock', { advanceMs: ms })),
    limit: async (dimension, limit) =>
      void (await call('PUT', `projects/${projectId}`, { quota: { [quotaKeys[dimension]]: limit } })),
    closeZone: async (name) => void (await call('PUT', `zones/${name}`, { available: false })),
    deleteBehindOurBack: async (cloudId) => void (await call('POST', `disks/${cloudId}`, { delete: true })),
    disks: async () =>
      State.parse(await call('GET', `state?cloudProjectId=${projectId}`)).projects.flatMap(({ disks }) =>
        disks.map(({ id }) => id),
      ),
    calls: async (kind) => Requests.parse(await call('GET', 'requests')).calls[operations[kind]]?.total ?? 0,
    goAway: () => simulator.close(),
  };
};

/** The zone of the place must be its own. */
const runningServer = async (simulator: Simulator, projectId: string): Promise<string> => {
  const response = await fetch(`${simulator.url}/_simulator/servers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ projectId, availabilityZone: 'eu-de-01' }),
  });
  return z.object({ id: z.string() }).parse(await response.json()).id;
};

/** Who calls, and somebody who knows less than that. */
type Callers = (seed: Simulator['seed']) => Readonly<Record<'known' | 'intruder', EvsAccess['credentials']>>;

const byPassword: Callers = ({ domain, user: { name, password } }) => {
  const known = { domain: domain.name, user: name, password };
  return { known, intruder: { ...known, password: 'not-the-password' } };
};

const byKeys =
  (signature: 'simple' | 'scoped'): Callers =>
  ({ accessKeys: [keys] }) => {
    if (keys === undefined) throw new Error('the simulator knows no access key');
    const known = { ...keys, signature };
    return { known, intruder: { ...known, secretKey: 'not-the-secret-key' } };
  };

const openFor = (callers: Callers) => async (): Promise<SwitchableCloud & WithReceiver & WithServers & WithTypes> => {
  const project = { id: '3f8a1c27d94e4b60a5127c9e0b6d1f42', name: 'eu-de_contract', quota: DEFAULT_QUOTA };
  const other = { id: 'b07e55d1c3aa49f29e6804f71d2c8a95', name: 'eu-de_receiver', quota: DEFAULT_QUOTA };
  const simulator = await startSimulator({ jobMs: 20, seed: { projects: [project, other] } });
  const { known, intruder: stranger } = callers(simulator.seed);
  const accessWith = (credentials: EvsAccess['credentials']): EvsAccess => ({
    kind: 'evs',
    region: REGION,
    endpoints: { iam: simulator.url, evs: simulator.url, ecs: `${simulator.url}/ecs` },
    cloudProjectId: project.id,
    credentials,
  });
  const cloud = new EvsDiskCloud(accessWith(known), { retryPauseMs: 1 });
  const intruder = new EvsDiskCloud(accessWith(stranger));
  const receiver = new EvsDiskCloud({ ...accessWith(known), cloudProjectId: other.id }, { retryPauseMs: 1 });
  return {
    cloud,
    intruder,
    receiver,
    place: { type: 'SSD', availabilityZone: 'eu-de-01' },
    otherType: 'ESSD',
    servers: [await runningServer(simulator, project.id), await runningServer(simulator, project.id)],
    soldOut: { type: 'SATA', availabilityZone: 'eu-de-02' },
    patienceMs: 10_000,
    switches: switchesOf(simulator, project.id),
    close: async () => {
      await simulator.close();
      await Promise.all([cloud, intruder, receiver].map((each) => each.close()));
    },
  };
};

describe.each([
  ['the token of a user', byPassword, everything],
  ['keys that sign in the simple form', byKeys('simple'), { ...everything, logins: false }],
  ['keys that sign in the scoped form', byKeys('scoped'), { ...everything, logins: false }],
])('with %s,', (_, callers, reach) => {
  const open = openFor(callers);
  diskCloudContract(open, { tags: true });
  faultyCloudContract(open, reach);
  retypeContract(open);
  transferContract(open);
  faultyTransferContract(open);
  attachmentContract(open);
  faultyAttachmentContract(open);
});
