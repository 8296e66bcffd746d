import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from './changes.js';

const newline = 0x0a;

/**
 * The file that outlives the process: one JSON line for each change, handed to the operating system before the change is answered.
 * A killed process loses nothing of it; a torn last line (a killed machine) is left out.
 */
export class Journal {
  private descriptor: number | null = null;
  private readonly path: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, 'journal.ndjson');
  }

  *read(): Generator<JournalEntry> {
    if (!existsSync(this.path)) return;
    const bytes = readFileSync(this.path);
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      yield JSON.parse(bytes.toString('utf8', start, end)) as JournalEntry;
      start = end + 1;
    }
  }

  /** Begins a new file with what is still needed, puts it in the old one's place, and goes on writing there. */
  compact(entries: Iterable<JournalEntry>): void {
    const next = `${this.path}.new`;
    const descriptor = openSync(next, 'w', 0o600);
    let lines: string[] = [];
    for (const entry of entries) {
      lines.push(JSON.stringify(entry));
      if (lines.length < 1_000) continue;
      writeSync(descriptor, `${lines.join('\n')}\n`);
      lines = [];
    }
    if (lines.length > 0) writeSync(descriptor, `${lines.join('\n')}\n`);
    renameSync(next, this.path);
    this.descriptor = descriptor;
  }

  write(entry: JournalEntry): void {
    if (this.descriptor === null) throw new Error('the journal is not open');
    writeSync(this.descriptor, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }
}
