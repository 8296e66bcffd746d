import { Services } from './harness/services.js';
import { noSecretIsWrittenDown } from './scenarios/secrets.scenario.js';

noSecretIsWrittenDown('PostgreSQL', async () => {
  const services = await Services.start({ env: { STRATA_LOG_LEVEL: 'trace' } });
  return { services, queued: () => Promise.resolve([]), end: () => services.stop() };
});
