import { loadStandaloneConfig } from '@strata/config';
import { startStandalone, type Standalone } from './standalone.js';
import { welcome } from './welcome.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
// Whoever reads may have gone away (a pipe that closed): no reason to stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

let standalone: Standalone | undefined;
let stopping: Promise<never> | undefined;

const stop = (why: string, exitCode: number): Promise<never> =>
  (stopping ??= (async () => {
    say(`\nStopping (${why}) …`);
    await standalone?.stop();
    say('Stopped.');
    process.exit(exitCode);
  })());

let isAsked = false;
const asked = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
}).then((signal) => {
  isAsked = true;
  return signal;
});

try {
  const config = loadStandaloneConfig(process.env);
  say('Strata starts: PostgreSQL, simulator, api, projector, worker …');
  void asked.then((signal) => standalone ?? say(`\n${signal}: stops as soon as what is being started stands …`));
  standalone = await startStandalone(config, process.env);
  if (!isAsked) say(welcome(standalone));
  const why = await Promise.race([asked, standalone.broken.then((part) => `broken: ${part}`)]);
  await stop(why, why.startsWith('broken') ? 1 : 0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
