import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const lookUp = async (name: string): Promise<SystemUser | undefined> => {
  try {
    const uid = Number((await run('id', ['-u', name])).stdout);
    const gid = Number((await run('id', ['-g', name])).stdout);
    return { name, uid, gid };
  } catch {
    return undefined;
  }
};

/**
 * PostgreSQL refuses to run as root. As root it runs as the system user `postgres`, which is made when it is missing;
 * otherwise as whoever we are (undefined).
 */
export const postgresUser = async (): Promise<SystemUser | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const known = await lookUp('postgres');
  if (known) return known;
  await run('groupadd', ['--system', '--force', 'postgres']);
  await run('useradd', [
    '--system',
    '--gid',
    'postgres',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  const made = await lookUp('postgres');
  if (!made) throw new Error('PostgreSQL cannot run as root, and the system user "postgres" could not be made');
  return made;
};

const exists = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Whether another user can reach a path: everything above it must let him pass. */
const reachable = async (path: string, user: SystemUser): Promise<boolean> => {
  try {
    await run('test', ['-x', path], { uid: user.uid, gid: user.gid });
    return true;
  } catch {
    return false;
  }
};

export interface Wrapping {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * How a program is started as that user. `setpriv` is asked for only when something is out of reach of the user (a checkout
 * below /root: the capability lets it pass the folders above) or when the program shall end with its parent.
 */
export const startAs = async (
  user: SystemUser | undefined,
  program: string,
  args: readonly string[],
  options: { readonly paths: readonly string[]; readonly endsWithParent: boolean },
): Promise<Wrapping> => {
  const outOfReach = user
    ? !(await Promise.all([program, ...options.paths].map((path) => reachable(path, user)))).every(Boolean)
    : false;
  const setpriv = (await exists('/usr/bin/setpriv')) ? '/usr/bin/setpriv' : undefined;
  if (outOfReach && !setpriv) {
    throw new Error(`The user "${user?.name ?? ''}" cannot reach ${program}: move the checkout, or do not run as root`);
  }
  if (!setpriv || !(outOfReach || options.endsWithParent)) {
    return { command: program, args, ...(user && { uid: user.uid, gid: user.gid }) };
  }
  const identity = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
  const passage = outOfReach ? ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'] : [];
  const ending = options.endsWithParent ? ['--pdeathsig', 'INT'] : [];
  return { command: setpriv, args: [...identity, ...passage, ...ending, '--', program, ...args] };
};
