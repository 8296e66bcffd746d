import type { SignedHead, SigningKey } from '@strata/event-store';
import { signHeadOfDay } from '@strata/event-store/postgres';
import type { Pool } from 'pg';

const everyMs = 600_000;

export interface HeadKeeperPorts {
  readonly pool: Pool;
  readonly key: SigningKey;
  /** A head has its place in the database, whose owner could remove it: what is told here should be kept elsewhere. */
  readonly onSigned: (head: SignedHead) => void;
  readonly onFault: (error: unknown) => void;
}

/** Signs the head of the log once a day (UTC). Several may run: one of them signs, the others see that it was done. */
export class HeadKeeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly ports: HeadKeeperPorts) {}

  start(): void {
    const round = () => (this.running = this.sign().catch(this.ports.onFault));
    this.timer = setInterval(() => void round(), everyMs);
    void round();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async sign(): Promise<void> {
    const { pool, key, onSigned } = this.ports;
    const head = await signHeadOfDay(pool, key, new Date());
    if (head !== undefined) onSigned(head);
  }
}
