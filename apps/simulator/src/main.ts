import { runProcess } from '@strata/telemetry';
import { z } from 'zod';
import { DEFAULT_PORT } from './options.js';
import { startSimulator } from './simulator.js';

const Environment = z.object({
  STRATA_SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(DEFAULT_PORT),
  STRATA_SIMULATOR_HOST: z.string().min(1).default('127.0.0.1'),
  STRATA_SIMULATOR_DIR: z.string().min(1).optional(),
});

/** An empty variable counts as absent: compose files set them so. */
const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
await runProcess(process, async () => {
  const environment = Environment.safeParse(given);
  if (!environment.success) throw new Error(z.prettifyError(environment.error));
  const {
    STRATA_SIMULATOR_PORT: port,
    STRATA_SIMULATOR_HOST: host,
    STRATA_SIMULATOR_DIR: dataFolder,
  } = environment.data;
  const simulator = await startSimulator({ port, host, ...(dataFolder === undefined ? {} : { dataFolder }) });
  process.stdout.write(`Simulator ready at ${simulator.url}\n`);
  return { stop: () => simulator.close(), graceMs: 5_000, told: () => undefined };
});
