import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const isInstalled = (): boolean => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

const mayInstall = (): boolean =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && spawnSync('apt-get', ['--version']).status === 0;

/** Run level 1 keeps Debian's package from starting a service: the tests start servers of their own. */
const install = (): void => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [
    ['update', '-q'],
    ['install', '-qy', '--no-install-recommends', 'redis-server'],
  ]) {
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env, timeout: 300_000 });
  }
};

/** Whether a `redis-server` is at hand, after having brought it where that is allowed (Debian, as root). */
export const provideRedisServer = (say: (line: string) => void): boolean => {
  if (isInstalled()) return true;
  if (!mayInstall()) return false;
  say('redis-server is missing: installing it with apt-get');
  install();
  return isInstalled();
};
