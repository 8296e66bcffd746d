import { loadProjectorConfig } from '@strata/config';
import { createLogger, runProcess } from '@strata/telemetry';
import { startProjector } from './projector.js';

await runProcess(process, async () => {
  const config = loadProjectorConfig(process.env);
  const logger = createLogger({ name: 'projector', level: config.logLevel });
  const projector = await startProjector(config, logger);
  return {
    stop: () => projector.stop(),
    graceMs: config.closeGraceMs,
    told: (why) => logger.info({ why }, 'stopping'),
  };
});
