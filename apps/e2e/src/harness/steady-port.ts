import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what the system gives to whoever asks for any port, or connects to one. */
const range = [20_000, 32_000] as const;

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1');
  const listens = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (listens) await once(server.close(), 'close');
  return listens;
};

/** A free port for a process that takes it later, or leaves it now and then and has to have it back: nobody else is given it. */
export const steadyPort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(...range);
    if (await isFree(port)) return port;
  }
};
