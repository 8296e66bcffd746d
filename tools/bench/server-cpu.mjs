import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']));

/** What stands after the name in /proc/<pid>/stat: state, parent, … user and system ticks, those of ended children. */
const statOf = (pid) => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]));
    return { parent, own: user + system, ended: endedUser + endedSystem };
  } catch {
    return undefined; // it ended meanwhile
  }
};

/** CPU seconds that a server and its processes have used so far (Linux). Unlike calls per second it does not mind a busy machine. */
export const serverCpuSeconds = (postmaster) => {
  const root = statOf(postmaster);
  let ticks = root ? root.own + root.ended : 0;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = statOf(pid);
    if (stat?.parent === postmaster) ticks += stat.own;
  }
  return ticks / ticksPerSecond;
};
