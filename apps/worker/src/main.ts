import { loadWorkerConfig } from '@strata/config';
import { createLogger, runProcess } from '@strata/telemetry';
import { startWorker } from './worker.js';

await runProcess(process, async () => {
  const config = loadWorkerConfig(process.env);
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  const worker = await startWorker(config, logger);
  return { stop: () => worker.stop(), graceMs: config.closeGraceMs, told: (why) => logger.info({ why }, 'stopping') };
});
