import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, portsOfDatabases } from './free-port.js';

const only = (port: number) => freePort({ among: [port, port + 1] });

describe('a free port', () => {
  it.each([undefined, portsOfDatabases])('is none that Linux would give to somebody else', async (among) => {
    expect(await freePort(among && { among })).toBeLessThan(32_768);
  });

  it('is none that somebody listens on; the search for one ends', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    await expect(only((taken.address() as AddressInfo).port)).rejects.toThrow('no port to be had');
  });

  it('is given once: whoever has it may not listen yet', async () => {
    await expect(only(await freePort())).rejects.toThrow('no port to be had');
  });

  it('is one of the address that it is wanted for', async () => {
    await expect(freePort({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});
