import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** From the first one up to below the second. */
type Ports = readonly [number, number];

/**
 * Linux gives ports from 32 768 on to whoever connects or asks for any: one of those may be another's before its server
 * listens, or while that is away for a moment. Databases have a range of their own, as a process that is told its ports does
 * not know which of them its parent has given away already.
 */
const portsOfServers: Ports = [20_000, 26_000];
export const portsOfDatabases: Ports = [26_000, 32_000];

/** By this process: whoever has them may not listen yet. */
const given = new Set<number>();

/** A port that nobody listens on, each time another one. @throws when a hundred draws gave none, or when `host` cannot be listened on */
export const freePort = async ({
  host = '127.0.0.1',
  among = portsOfServers,
}: { readonly host?: string; readonly among?: Ports } = {}): Promise<number> => {
  for (let draws = 0; draws < 100; draws++) {
    const port = randomInt(...among);
    if (given.has(port)) continue;
    const server = createServer().listen(port, host);
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    given.add(port);
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error('no port to be had');
};
