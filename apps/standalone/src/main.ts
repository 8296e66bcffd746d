import { loadStandaloneConfig } from '@strata/config';
import { aborted, interruptsOf } from './interrupts.js';
import { watchReadiness, whyNotReady } from './readiness.js';
import { runtimeFault } from './runtime.js';
import { startStandalone } from './standalone.js';
import { welcome } from './welcome.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);
// Whoever reads may have gone away (a pipe that closed): no reason to stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const interrupts = interruptsOf(process);
const { stop, force } = interrupts;
const sayStopping = (why: string): void => say(`\nStopping (${why}); Ctrl-C again ends everything at once …`);
void aborted(stop).then(sayStopping);
const sayReadiness = (why: string | undefined): void =>
  why === undefined ? say('Strata is ready again.') : complain(`Strata is not ready: ${why}`);
void aborted(force).then(() => {
  complain('Killed what was left of it.');
  process.exit(130);
});

/** Resolves with the exit code. */
const live = async (): Promise<number> => {
  const unfit = runtimeFault(process.versions.node);
  if (unfit !== undefined) throw new Error(unfit);
  const config = loadStandaloneConfig(process.env);
  say('Strata starts: PostgreSQL, simulator, api, projector, worker …');
  const standalone = await startStandalone(config, process.env, interrupts);
  if (!stop.aborted) say(welcome(standalone));
  const { apiUrl } = standalone.credentials;
  const ending = new AbortController();
  void watchReadiness({ ask: () => whyNotReady(apiUrl), say: sayReadiness, everyMs: 3_000, until: ending.signal });
  const broken = await Promise.race([aborted(stop).then(() => undefined), standalone.broken]);
  ending.abort();
  if (broken !== undefined) {
    complain(`\n${broken}`);
    sayStopping('a part of it is gone');
  }
  await standalone.stop();
  say('Stopped.');
  return broken === undefined ? 0 : 1;
};

try {
  process.exit(await live());
} catch (error) {
  if (stop.aborted && error === stop.reason) {
    say('Stopped before it was ready.');
    process.exit(0);
  }
  complain(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
