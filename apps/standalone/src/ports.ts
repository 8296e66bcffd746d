import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '@strata/event-store/embedded';

/** What the system says, by the name of the setting that has to change. */
const worded = (cause: unknown, wanted: number, host: string, variable: string): Error => {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new Error(`port ${wanted} is taken by another program: set ${variable} to another one (0 takes any)`, {
        cause,
      });
    case 'EACCES':
      return new Error(`port ${wanted} may not be used by this user: set ${variable} to one above 1023 (0 takes any)`, {
        cause,
      });
    default:
      return new Error(`STRATA_HOST: ${host} is not an address that this machine can listen on`, { cause });
  }
};

const listensAt = async (port: number, host: string): Promise<number> => {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return port;
  } finally {
    server.close();
  }
};

/** The port itself when it is free, a free one for 0; one that cannot be had is refused by the name of its setting. */
export const portOf = (wanted: number, host: string, variable: string): Promise<number> =>
  (wanted === 0 ? freePort({ host }) : listensAt(wanted, host)).catch((error: unknown) => {
    throw worded(error, wanted, host, variable);
  });
