import { join } from 'node:path';
import { buildAll } from './build.ts';
import { provideRedisServer } from './redis-server.ts';
import { countSuite, summary, type SuiteResult } from './report.ts';
import { runSuite } from './run-suite.ts';
import { findSuites, needsRedis } from './suites.ts';

/** `npm test [-- libs/queue …]`: the tests of all projects, or of those named. `--nightly`: the same, for longer. */
const args = process.argv.slice(2);
const nightly = args.includes('--nightly');
if (nightly) process.env.STRATA_TEST_SCALE = 'nightly';
/** Of one suite. The longest takes 13 minutes on a quiet machine of two cores, and a busy one has to end it, too. */
const limitMs = (nightly ? 180 : 20) * 60_000;

const root = join(import.meta.dirname, '../../..');
const suites = findSuites(
  root,
  args.filter((arg) => !arg.startsWith('--')),
);

const say = (line: string) => console.log(line);
const remarks: string[] = [];
const wantRedis = suites.flatMap(({ name, specs }) => specs.filter(needsRedis).map((spec) => `${name}/${spec}`));
// On a CI machine nothing is left out: without a server those specs run and fail.
const leaveOutRedis = wantRedis.length > 0 && !provideRedisServer(say) && !process.env.CI;
if (leaveOutRedis) {
  remarks.push(
    'Not run, as there is no redis-server here:',
    ...wantRedis.map((spec) => `  ${spec}`),
    'To run them: apt-get install redis-server (as root), or put any redis-server >= 6.2 on the PATH; then npm test.',
  );
}

if (suites.some(({ needsBuild }) => needsBuild) && !buildAll(root)) {
  remarks.push('The build failed: what was tested of it may be older than its sources.');
  process.exitCode = 1;
}

const results: SuiteResult[] = [];
for (const suite of suites) {
  const exclude = leaveOutRedis ? suite.specs.filter(needsRedis) : [];
  if (exclude.length === suite.specs.length) continue;
  say(`\n== ${suite.name}`);
  results.push(countSuite(await runSuite(suite, exclude, limitMs)));
}
if (results.length === 0) {
  results.push({ suite: 'none', seconds: 0, passed: 0, failed: 1, remarks: ['No suite matches.'], failures: [] });
}

say('');
for (const line of summary(results, remarks)) say(line);
if (results.some(({ failed }) => failed > 0)) process.exitCode = 1;
