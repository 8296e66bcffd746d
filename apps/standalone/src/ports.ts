import { once } from 'node:events';
import { createServer } from 'node:net';

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
  const server = createServer();
  try {
    server.listen(wanted, host);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port to be had');
    return address.port;
  } catch (error) {
    throw worded(error, wanted, host, variable);
  } finally {
    server.close();
  }
};
