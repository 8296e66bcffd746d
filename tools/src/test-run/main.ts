import { join } from 'node:path';
import { buildAll } from './build.ts';
import { inLanes, lanesFor } from './lanes.ts';
import { provideRedisServer } from './redis-server.ts';
import { couldNotRun, countPart, inSuites, type PartResult, summary } from './report.ts';
import { runPart } from './run-part.ts';
import { findSuites, needsRedis, partsOf } from './suites.ts';
import { provideTemporaryFolder } from './temporary-folder.ts';

/** `npm test [-- libs/queue …]`: the tests of all projects, or of those named. `--nightly`: the same, for longer. */
const args = process.argv.slice(2);
const nightly = args.includes('--nightly');
if (nightly) process.env.STRATA_TEST_SCALE = 'nightly';
/** Of one part. The longest takes 6 minutes on a quiet machine of two cores, and a busy one has to end it, too. */
const limitMs = (nightly ? 180 : 20) * 60_000;

const began = performance.now();
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

const stopped = new AbortController();
/** Of impatience: whoever asks twice. */
const killed = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => (stopped.signal.aborted ? killed : stopped).abort(signal));
}
const folder = provideTemporaryFolder(process.env);
const parts = partsOf(suites, leaveOutRedis ? (spec) => !needsRedis(spec) : () => true);
const lanes = lanesFor(parts);
const options = { limitMs, alone: parts.length === 1, say, stopped: stopped.signal, killed: killed.signal };
const results: PartResult[] = [];
try {
  await inLanes(lanes, parts, stopped.signal, async (part) => {
    const counted = runPart(part, options).then(countPart);
    results.push(await counted.catch((error: unknown) => couldNotRun(part, error)));
  });
} finally {
  folder.remove();
}

if (parts.length === 0) {
  results.push({ suite: 'none', seconds: 0, passed: 0, failed: 1, remarks: ['No suite matches.'], failures: [] });
}
if (stopped.signal.aborted) {
  const left = parts.length - results.length;
  const notBegun = left === 0 ? '' : `: ${left} of ${parts.length} parts were not begun`;
  remarks.push(`Stopped by ${String(stopped.signal.reason)}${notBegun}.`);
}
say('');
for (const line of summary(inSuites(results), { seconds: (performance.now() - began) / 1_000, lanes }, remarks))
  say(line);
if (stopped.signal.aborted || results.some(({ failed }) => failed > 0)) process.exitCode = 1;
