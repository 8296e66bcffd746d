import { loadApiConfig } from '@strata/config';
import { createLogger, runProcess } from '@strata/telemetry';
import { createApi } from './api.js';

await runProcess(process, async () => {
  const config = loadApiConfig(process.env);
  const logger = createLogger({ name: 'api', level: config.logLevel });
  const api = await createApi(config, logger);
  // Requests under way get the grace; the rest of the process has a second more to let go of the database.
  return {
    stop: () => api.close(),
    graceMs: config.closeGraceMs + 1_000,
    told: (why) => logger.info({ why }, 'stopping'),
  };
});
