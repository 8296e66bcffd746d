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

/** The port itself when it is free, a free one for 0; one that cannot be had is refused by the name of its setting. */
export const portOf = async (wanted: number, host: string, variable: string): Promise<number> => {
  const port = wanted === 0 ? await freePort() : wanted;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return port;
  } catch (error) {
    throw worded(error, port, host, variable);
  } finally {
    server.close();
  }
};
