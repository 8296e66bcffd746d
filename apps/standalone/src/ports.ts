import { once } from 'node:events';
import { createServer } from 'node:net';

/** The port itself when it is free, a free one for 0; a taken one is refused by the name of its variable. */
export const portOf = async (wanted: number, host: string, variable: string): Promise<number> => {
  const server = createServer();
  try {
    server.listen(wanted, host);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port to be had');
    return address.port;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new Error(`port ${wanted} is taken by another program: set ${variable} to another one (0 takes any)`, {
        cause: error,
      });
    throw error;
  } finally {
    server.close();
  }
};
