import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type Received } from './cloud-client.js';
import { startSimulator, type Simulator } from './simulator.js';

interface Example {
  readonly host: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown };
}

interface Fixture {
  readonly ids: {
    readonly project: string;
    readonly other_project: string;
    readonly domain: string;
    readonly user: string;
    readonly volumes: readonly string[];
    readonly snapshots: readonly string[];
    readonly server: string;
    readonly image: string;
  };
  readonly examples: Record<string, Example>;
}

const fixture = JSON.parse(readFileSync(new URL('./examples.fixture.json', import.meta.url), 'utf8')) as Fixture;
const [ledger = '', shard = '', temporary = ''] = fixture.ids.volumes;
const [beforeUpgrade = ''] = fixture.ids.snapshots;
const [handover, handoverKey] = ['f45a9e31-7bc2-48d0-a6e8-d1937c05b2fa', '5e0b7d91c2f4a836'];
const jobNumber = (last: string) => `9a17c3e04f6b82d5019b3e7745ac00${last}`;

let simulator: Simulator;
let cloud: CloudClient;
/** Whoever receives a disk. */
let other: CloudClient;
/** Ids of the examples, and what stands for them in this simulator. */
const standsFor = new Map<string, string>();

beforeAll(async () => {
  simulator = await startSimulator({
    seed: {
      domain: { id: fixture.ids.domain, name: 'OTC-EU-DE-00000000001000000042' },
      user: { id: fixture.ids.user, name: 'svc-orchestrator', password: '<secret>' },
      projects: [
        { id: fixture.ids.project, name: 'eu-de_payments', quota: { volumes: 60, gigabytes: 20_480 } },
        { id: '1f40c7a9e3b64d0285f9d17c6b3ae058', name: 'eu-de' },
        { id: fixture.ids.other_project, name: 'eu-de_ledger' },
      ],
    },
  });
  cloud = await enter(simulator);
  other = await enter(simulator, fixture.ids.other_project);
  await cloud.freeze();
  const server = { id: fixture.ids.server, projectId: fixture.ids.project, availabilityZone: 'eu-de-01' };
  await cloud.switch('POST', '/servers', server);
});
afterAll(() => simulator.close());

/** Maps of free keys: their values have one type, their members are nobody's promise. */
const maps = ['metadata', 'tags', 'extra_specs', 'volume_image_metadata'];

/** What an answer is made of: members and types, not values. */
const shapeOf = (value: unknown, name = ''): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? 'empty list' : [shapeOf(value[0], '')];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  if (maps.includes(name)) return 'map';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each, key)]));
};

const expectShape = (actual: unknown, expected: unknown): void => {
  expect(shapeOf(actual)).toEqual(shapeOf(expected));
};

const replaced = (text: string): string => [...standsFor].reduce((done, [from, to]) => done.replaceAll(from, to), text);

const replacedIn = (body: unknown): unknown =>
  body === undefined ? undefined : JSON.parse(replaced(JSON.stringify(body)));

const play = async (name: string): Promise<Received<unknown>> => {
  const example = fixture.examples[name];
  if (!example) throw new Error(`no example ${name}`);
  const { method, path, body } = example.request;
  const base = ['ecs', 'ims'].includes(example.host) ? `/${example.host}` : '';
  const caller = path.includes(other.projectId) ? other : cloud;
  const received = await caller.request(method, base + replaced(path), replacedIn(body), {
    'X-Subject-Token': cloud.token,
  });
  expect({
    status: received.status,
    ...(received.status === example.response.status ? {} : { body: received.body }),
  }).toEqual({
    status: example.response.status,
  });
  for (const header of Object.keys(example.response.headers ?? {})) expect(received.headers.get(header)).toBeTruthy();
  return received;
};

const jobIdOf = ({ body }: Received<unknown>): string => (body as { job_id: string }).job_id;
const volumeIdOf = async (jobId: string): Promise<string> => (await cloud.job(jobId)).body.entities.volume_id ?? '';

interface Step {
  readonly before?: () => Promise<unknown>;
  readonly after?: (received: Received<unknown>) => unknown;
  /** Where the shape is not just that of the example, what to compare instead. */
  readonly compare?: (actual: unknown, expected: unknown) => void;
}

const remember = (last: string) => (received: Received<unknown>) => standsFor.set(jobNumber(last), jobIdOf(received));

/** Our quota names more types than the example; each of its keys must be there. */
const containsShape = (actual: unknown, expected: unknown): void => {
  expect(shapeOf(actual)).toMatchObject(shapeOf(expected) as object);
};

/** The examples in an order in which each finds the world that it speaks of. */
const steps: Record<string, Step> = {
  'evs.versions': {},
  'iam.token.password': {},
  'iam.token.validate': {},
  'iam.projects.accessible': {},
  'evs.types.list': {},
  'evs.az.list': { before: () => cloud.switch('PUT', '/zones/eu-de-03', { available: false }) },
  'evs.volume.create.empty': { after: remember('11') },
  'evs.job.init': {},
  'evs.job.running': { before: () => cloud.advance(1_000) },
  'evs.quota.get': { compare: containsShape },
  'evs.job.success': {
    before: () => cloud.advance(500),
    after: async () => standsFor.set(ledger, await volumeIdOf(standsFor.get(jobNumber('11')) ?? '')),
  },
  'evs.volume.create.batch': {
    before: () => cloud.faults({ kind: 'job-failed', match: { name: 'shard-0002$' } }),
    after: remember('20'),
  },
  'evs.job.batch.partial_failure': {
    before: () => cloud.advance(1_500),
    after: ({ body }) => {
      const { entities } = body as { entities: { sub_jobs: { entities: { volume_id: string } }[] } };
      standsFor.set(shard, entities.sub_jobs[0]?.entities.volume_id ?? '');
    },
  },
  'evs.volume.create.cinder': {
    after: ({ body }) => standsFor.set(temporary, (body as { volume: { id: string } }).volume.id),
  },
  'ecs.attach': { after: () => cloud.advance(1_500) },
  'evs.volume.get': {},
  'evs.lazyload.progress': {},
  'ecs.detach': { after: () => cloud.advance(1_500) },
  'evs.volume.list.detail': {
    before: async () => {
      await cloud.advance(1_500);
      await cloud.evs('PUT', `/volumes/${standsFor.get(temporary)}`, { volume: { description: 'ledger data' } });
    },
  },
  'evs.tags.filter': {},
  'evs.tags.batch_create': {},
  'evs.tags.count': {},
  'evs.tags.of_volume': {},
  'evs.tags.of_project': {},
  'evs.tags.batch_delete': {},
  'evs.metadata.merge': {},
  'evs.metadata.single': {},
  'evs.volume.update.cinder': {},
  'evs.transfer.create': {
    after: ({ body }) => {
      const { transfer } = body as { transfer: { id: string; auth_key: string } };
      standsFor.set(handover, transfer.id).set(handoverKey, transfer.auth_key);
    },
  },
  'evs.transfer.accept': {},
  'evs.snapshot.create': {
    before: () => cloud.takeSnapshot(standsFor.get(ledger) ?? ''),
    after: ({ body }) => standsFor.set(beforeUpgrade, (body as { snapshot: { id: string } }).snapshot.id),
  },
  'evs.snapshot.get': { before: () => cloud.advance(1_500) },
  'evs.snapshot.list.detail': {},
  'evs.snapshot.update': {},
  'evs.volume.create.from_snapshot': {},
  'evs.snapshot.rollback': { after: () => cloud.advance(1_500) },
  'evs.snapshot.delete': { after: () => cloud.advance(1_500) },
  'evs.volume.extend.native': { after: remember('33') },
  'evs.job.extend.success': { before: () => cloud.advance(1_500) },
  'evs.volume.extend.cinder': {
    before: () => cloud.switch('POST', `/disks/${standsFor.get(ledger)}`, { size: 100 }),
    after: () => cloud.advance(1_500),
  },
  'evs.volume.retype': { after: () => cloud.advance(1_500) },
  'evs.volume.delete.native': { after: remember('44') },
  'evs.error.native.state': {},
  'evs.job.delete.success': { before: () => cloud.advance(1_500) },
  'evs.volume.delete.cinder_cascade': {
    before: async () => standsFor.set(ledger, standsFor.get(shard) ?? ''),
    after: () => cloud.advance(1_500),
  },
  'evs.error.cinder.not_found': {},
  'evs.error.native.quota_capacity': {},
  'evs.error.cinder.over_limit': {
    before: () => cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota: { volumes: 0 } }),
  },
  'ims.image.list.public': {
    before: () => cloud.switch('POST', '/images', { id: fixture.ids.image, name: 'Standard_Linux_synthetic' }),
  },
  'ims.image.get': {},
  'ims.image.list.glance': {},
  'ims.error': {},
  'evs.job.unknown': {},
  'evs.error.project_mismatch': {},
  'gateway.error.throttled': { before: () => cloud.faults({ kind: 'throttle', times: 1 }) },
};

const backups = 'there are no backups here';
const agencies = 'there are no agencies here, and no quota of IAM';
const systemDisks = 'no disk is made of an image here, and none goes into one';

/** What is not played, by the beginning of its name, and why. */
const notPlayed: Readonly<Record<string, string>> = {
  'cbr.': backups,
  'evs.volume.create.from_backup': backups,
  'evs.volume.create.from_image': systemDisks,
  'evs.volume.get.system_disk': systemDisks,
  'evs.volume.upload_image': systemDisks,
  'iam.token.assume_role': agencies,
  'iam.error.': agencies,
  'iam.aksk.signed_request': 'its signature is invented: signed-calls.spec.ts signs by itself',
};

describe('the documented examples', () => {
  it('are all played, or it is said why not', () => {
    const isExcused = (name: string) => Object.keys(notPlayed).some((beginning) => name.startsWith(beginning));
    const left = Object.keys(fixture.examples).filter((name) => steps[name] === undefined);
    expect(left.filter((name) => !isExcused(name))).toEqual([]);
    expect(Object.keys(steps).filter(isExcused)).toEqual([]);
    const unused = Object.keys(notPlayed).filter((beginning) => !left.some((name) => name.startsWith(beginning)));
    expect(unused).toEqual([]);
  });

  it.each(Object.entries(steps))(
    'are answered in the documented shape: %s',
    async (name, { before, after, compare }) => {
      await before?.();
      const received = await play(name);
      (compare ?? expectShape)(received.body, fixture.examples[name]?.response.body);
      await after?.(received);
    },
  );
});
