import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a connection is cut: before the server hears of a batch, or after it committed it and before anybody hears of that. */
export type Cut = 'before-the-server-hears' | 'after-the-commit';

/** A wire to PostgreSQL that can be cut at the worst moment. */
export class CuttingProxy {
  #armed: Cut | undefined;
  /** How often it has cut. */
  cuts = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', (client) => this.#join(client));
  }

  static async before(targetPort: number): Promise<CuttingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttingProxy(server, targetPort);
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** The next batch is cut. */
  arm(cut: Cut): void {
    this.#armed = cut;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1');
    let answer = Buffer.alloc(0);
    const cut = () => {
      this.#armed = undefined;
      this.cuts += 1;
      client.destroy();
      server.destroy();
    };
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      answer = Buffer.alloc(0);
      if (this.#armed === 'before-the-server-hears' && chunk.includes('append_batch')) cut();
      else server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      // The answer to a batch names its columns; after its last row comes "ready, no transaction", sent after the commit.
      answer = Buffer.concat([answer, chunk]);
      const isCommitted =
        answer.includes('first_position') && answer.subarray(-6).equals(Buffer.from('Z\0\0\0\x05I', 'latin1'));
      if (this.#armed === 'after-the-commit' && isCommitted) cut();
      else if (this.#armed !== 'after-the-commit' || !answer.includes('first_position')) client.write(chunk);
    });
  }
}
