import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { portOf } from './ports.js';

describe('a port', () => {
  it('is any free one where 0 is wanted', async () => {
    const port = await portOf(0, '127.0.0.1', 'STRATA_PORT');
    expect(port).toBeGreaterThan(0);
    // Linux gives those from there on to whoever connects.
    expect(port).toBeLessThan(32_768);
  });

  it('that is taken is refused by the name of its setting', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(portOf(port, '127.0.0.1', 'STRATA_PORT')).rejects.toThrow(
      `port ${port} is taken by another program: set STRATA_PORT`,
    );
    other.close();
  });

  it.each(['192.0.2.1', 'no-such-host.invalid', '127.0.0.1:80'])(
    'at a host that is not this machine is refused by the name of that setting: %s',
    async (host) => {
      await expect(portOf(0, host, 'STRATA_PORT')).rejects.toThrow(`STRATA_HOST: ${host} `);
    },
  );
});
