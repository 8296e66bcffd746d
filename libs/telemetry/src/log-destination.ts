import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Lines that cannot be written now wait, this many bytes of them at most. */
const mostWaitingBytes = 1_048_576;
const tryAgainMs = 1_000;

/**
 * Lines go to a file or a pipe at once, and no fault of it reaches whoever logs: on a full disk they wait, as many as the memory is
 * worth, and the others are dropped. The log never holds up or ends what it tells of. (pino's own destination throws out of the line
 * that is logged, and its error event ends the process.)
 */
export class LogDestination implements DestinationStream {
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private dropped = 0;
  private again: NodeJS.Timeout | undefined;

  constructor(
    private readonly descriptor: number,
    /** Called when it can write again, with how many lines it has dropped meanwhile. */
    private readonly hasDropped: (lines: number) => void,
  ) {}

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waitingBytes + bytes.length > mostWaitingBytes) this.dropped += 1;
    else {
      this.waiting.push(bytes);
      this.waitingBytes += bytes.length;
    }
    this.drain();
  }

  private drain(): void {
    try {
      for (let next = this.waiting[0]; next; next = this.waiting[0]) this.wrote(next, writeSync(this.descriptor, next));
    } catch {
      this.again ??= setTimeout(() => {
        this.again = undefined;
        this.drain();
      }, tryAgainMs).unref();
      return;
    }
    const { dropped } = this;
    this.dropped = 0;
    if (dropped > 0) this.hasDropped(dropped);
  }

  /** A disk that has become full takes a part of a line first; the rest of it goes on there. */
  private wrote(next: Buffer, length: number): void {
    this.waitingBytes -= length;
    if (length === next.length) this.waiting.shift();
    else this.waiting[0] = next.subarray(length);
  }
}
