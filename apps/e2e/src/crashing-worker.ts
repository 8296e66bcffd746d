import { appendFileSync } from 'node:fs';
import { loadWorkerConfig } from '@strata/config';
import { createLogger, runProcess } from '@strata/telemetry';
import { startWorker } from '@strata/worker';

/**
 * A worker that kills itself, as the system would: `<point> <pass> <delay in ms> <report>`. At the given pass of the named
 * point, or that long after it, which is inside the wait that follows; what it did stands in the report before it dies.
 */
const [fatalPoint, pass, delayMs, report] = process.argv.slice(2);
if (report === undefined) throw new Error('usage: crashing-worker <point> <pass> <delay> <report>');

const die = (operationId: string): void => {
  const death = { point: fatalPoint, pass: Number(pass), delayMs: Number(delayMs), operationId };
  appendFileSync(report, `${JSON.stringify(death)}\n`);
  process.kill(process.pid, 'SIGKILL');
};

let passes = 0;
const passed = (point: string, operationId: string): Promise<void> => {
  if (point !== fatalPoint || ++passes !== Number(pass)) return Promise.resolve();
  if (Number(delayMs) > 0) {
    setTimeout(() => die(operationId), Number(delayMs));
    return Promise.resolve();
  }
  die(operationId);
  return new Promise(() => undefined); // the signal is on its way
};

await runProcess(process, async () => {
  const config = loadWorkerConfig(process.env);
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  const worker = await startWorker(config, logger, { passed });
  return { stop: () => worker.stop(), graceMs: config.closeGraceMs, told: (why) => logger.info({ why }, 'stopping') };
});
