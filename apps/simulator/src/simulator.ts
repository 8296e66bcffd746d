import type { AddressInfo } from 'node:net';
import type { Latency } from './cloud.js';
import { FaultSet } from './faults/fault-set.js';
import { DEFAULT_JOB_MS, DEFAULT_SEED, type Seed, type SimulatorOptions } from './options.js';
import { DEFAULT_READINGS } from './readings.js';
import { buildServer } from './server.js';
import { Journal } from './world/journal.js';
import { World } from './world/world.js';

export interface Simulator {
  /** Without a slash at the end: EVS, IAM and the switches under one address. */
  readonly url: string;
  readonly port: number;
  /** Who may enter, and which projects exist from the start. */
  readonly seed: Seed;
  /** Ends every connection, answered or not, and lets go of the data folder. */
  close(): Promise<void>;
}

/** Starts a simulated cloud in this process. Resolves when it answers. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const seed: Seed = { ...DEFAULT_SEED, ...options.seed };
  const journal = options.dataFolder === undefined ? null : new Journal(options.dataFolder);
  const defaults: Latency = { jobMs: options.jobMs ?? DEFAULT_JOB_MS, requestMs: options.requestMs ?? 0 };
  const cloud = {
    world: new World(seed, journal),
    faults: new FaultSet(),
    latency: { ...defaults },
    readings: { ...DEFAULT_READINGS },
  };
  const host = options.host ?? '127.0.0.1';
  const app = buildServer(cloud, defaults);
  await app.listen({ host, port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    seed,
    close: async () => {
      await app.close();
      journal?.close();
    },
  };
};
