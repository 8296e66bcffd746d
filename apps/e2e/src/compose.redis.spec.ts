import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, freePort, launchPostgres } from '@strata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, type Disk, hasEnded, type Operation } from './harness/client.js';
import { type Address, composeServices, inOrder, onLoopback, repository } from './harness/compose-file.js';
import { eventually } from './harness/eventually.js';

const run = promisify(execFile);
const services = composeServices();
const started: { readonly name: string; readonly child: ChildProcess; output: string }[] = [];

let folder: string;
let postgres: EmbeddedPostgres;
let addresses: readonly Address[];

const here = (service: string): number => {
  const address = addresses.find((each) => each.service === service);
  if (address === undefined) throw new Error(`${service} has no address`);
  return address.here;
};

/** Words of a command or a check, as they stand in the file, with loopback ports. */
const words = (all: readonly string[]): readonly string[] => all.map((word) => onLoopback(word, addresses));

const environmentOf = (name: string): Record<string, string> => {
  const given = Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
    key,
    onLoopback(value, addresses),
  ]);
  const moved: Record<string, Record<string, string>> = {
    simulator: { STRATA_SIMULATOR_PORT: String(here('simulator')), STRATA_SIMULATOR_DIR: join(folder, 'simulator') },
    api: { STRATA_PORT: String(here('api')) },
  };
  return { PATH: process.env['PATH'] ?? '', ...Object.fromEntries(given), ...moved[name] };
};

const commandOf = (name: string): readonly string[] => {
  const command = words(services[name]?.command ?? []);
  return name === 'redis' ? [...command, '--port', String(here('redis')), '--dir', folder] : command;
};

/** PostgreSQL comes as an image: here it is the one from npm, with the superuser and database of the file. */
const startPostgres = async (): Promise<void> => {
  const { POSTGRES_PASSWORD: password = '' } = services['postgres']?.environment ?? {};
  postgres = await launchPostgres({
    dataDir: join(folder, 'postgres'),
    port: here('postgres'),
    password,
    logFile: join(folder, 'postgres.log'),
    endsWithParent: true,
  });
};

const spawned = (name: string) => {
  const [program = '', ...args] = commandOf(name);
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: repository,
    env: environmentOf(name),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const service = { name, child, output: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (service.output += text.toString()));
  started.push(service);
  return service;
};

/** Until what waits for the service may start. */
const fulfilled = async (name: string, condition: string): Promise<void> => {
  const service = started.find((each) => each.name === name);
  if (condition === 'service_completed_successfully') {
    if (service === undefined) throw new Error(`${name} was never started`);
    if (service.child.exitCode === null) await once(service.child, 'exit');
    if (service.child.exitCode !== 0)
      throw new Error(`${name} ended with ${service.child.exitCode}: ${service.output}`);
    return;
  }
  if (name !== 'postgres') await healthy(name);
};

const healthy = async (name: string): Promise<void> => {
  const [kind, program = '', ...args] = words(services[name]?.healthcheck?.test ?? []);
  if (kind !== 'CMD') throw new Error(`${name} has no check`);
  const atPort = name === 'redis' ? ['-p', String(here('redis'))] : [];
  await eventually(`${name} is healthy`, async () => {
    await run(program === 'node' ? process.execPath : program, [...atPort, ...args]);
    return true;
  });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-compose-'));
  await chmod(folder, 0o755);
  addresses = await Promise.all(
    Object.entries({ postgres: 5432, redis: 6379, simulator: 7071, api: 7070 }).map(async ([service, port]) => ({
      service,
      port,
      here: await freePort(),
    })),
  );
  for (const name of inOrder(services)) {
    for (const [other, { condition }] of Object.entries(services[name]?.depends_on ?? {})) {
      await fulfilled(other, condition);
    }
    if (name === 'postgres') await startPostgres();
    else spawned(name);
  }
});
afterAll(async () => {
  for (const { child } of started.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** As `docker compose exec api node apps/cli/dist/main.js …`. */
const strataIn = async (name: string, ...args: readonly string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, ['apps/cli/dist/main.js', ...args], {
    cwd: repository,
    env: environmentOf(name),
  });
  return stdout.trim();
};

describe('the commands of docker-compose.yml, as plain processes in the order of depends_on', () => {
  it('become healthy', async () => {
    for (const name of ['redis', 'simulator', 'api']) await healthy(name);
    for (const { name, child, output } of started.filter((each) => each.name !== 'migrate')) {
      expect({ name, exitCode: child.exitCode, output: child.exitCode === null ? '' : output }).toEqual({
        name,
        exitCode: null,
        output: '',
      });
    }
  });

  it('make a disk for the first who comes in: binding, project and disk over HTTP', async () => {
    const admin = new Client(`http://127.0.0.1:${here('api')}`, await strataIn('api', 'token', 'first'));
    const simulatorUrl = `http://127.0.0.1:${here('simulator')}`;
    const binding = await admin.post<{ id: string }>('/v1/bindings', {
      name: 'simulator',
      kind: 'evs',
      region: 'eu-de',
      endpoints: { iam: simulatorUrl, evs: simulatorUrl },
      cloudProjectId: '0123456789abcdef0123456789abcdef',
      credentials: { ref: 'simulator' },
    });
    expect(binding.status).toBe(201);
    const project = await admin.post<{ id: string }>('/v1/projects', { name: 'first', bindingId: binding.body.id });
    expect(project.status).toBe(201);
    const path = `/v1/projects/${project.body.id}/disks`;
    const wish = { name: 'first', sizeGiB: 20, type: 'SSD', availabilityZone: 'eu-de-01' };
    const accepted = await admin.post<Operation>(path, wish, { prefer: 'wait=30' });
    const operation = await eventually('the operation has ended', async () => {
      const now = await admin.read<Operation>(`/v1/operations/${accepted.body.id}`);
      return hasEnded(now) ? now : undefined;
    });
    expect(operation.status).toBe('succeeded');
    if (operation.target.type !== 'disk') throw new Error('not the operation of one disk');
    expect(await admin.read<Disk>(`${path}/${operation.target.id}`)).toMatchObject({
      name: 'first',
      status: 'available',
    });
  });
});
